/**
 * What the draft would cost, asked of the service itself whenever the draft changes. Nobody orders at a price
 * that is not in sight. Says "change".
 */

import { latest, post } from "../core/api.js";
import { debounced } from "../core/dom.js";
import { account } from "./account.js";
import { draft } from "./draft.js";
import { projectId } from "./projects.js";

const TYPING_MS = 250;
const ask = latest((signal, order) => post("generate?dryRun=true", order, { signal }));

class Quote extends EventTarget {
  /** nothing, asking, priced or refused */
  state = "nothing";
  priced = null;
  error = null;

  constructor() {
    super();
    const later = debounced(() => this.#ask(), TYPING_MS);
    draft.addEventListener("change", () => {
      this.#become(draft.isEmpty ? "nothing" : "asking");
      later();
    });
  }

  get orderable() {
    return this.state === "priced" && this.priced.affordable;
  }

  async #ask() {
    if (draft.isEmpty) return;
    const asked = draft.now;
    this.#become("asking");
    try {
      const priced = await ask({ ...draft.order(), projectId: await projectId() });
      if (priced && asked === draft.now) this.#become("priced", { priced });
    } catch (error) {
      if (asked === draft.now) this.#become("refused", { error });
    }
  }

  refresh() {
    account.refresh();
    return this.#ask();
  }

  #become(state, { priced = this.priced, error = null } = {}) {
    Object.assign(this, { state, priced, error });
    this.dispatchEvent(new Event("change"));
  }
}

export const quote = new Quote();
