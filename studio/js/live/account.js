/** The balance, or today's quota: read anew whenever money may have moved. Says "change". */

import { get } from "../core/api.js";
import { debounced } from "../core/dom.js";

const SETTLING_MS = 300;

class Account extends EventTarget {
  known = null;

  refresh = debounced(() => this.#read().catch(() => {}), SETTLING_MS);

  async #read() {
    this.known = await get("credits");
    this.dispatchEvent(new Event("change"));
  }
}

export const account = new Account();
