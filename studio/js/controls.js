/** Pause, resume and cancel a running generation; try again what failed of a finished one. */

import { post } from "./api.js";
import { el } from "./dom.js";
import { tell } from "./notice.js";
import { Once } from "./once.js";

export class Controls {
  #retrying = new Once();

  constructor(id, onRetried) {
    this.id = id;
    this.onRetried = onRetried;
    this.pause = this.#button("Pause", () => this.#ask("pause"));
    this.resume = this.#button("Resume", () => this.#ask("resume"));
    this.cancel = this.#button("Cancel", () => this.#ask("cancel"));
    this.retry = this.#button("Make the missing ones", () => this.#retry());
    this.note = el("p", { class: "hint", role: "status" });
    this.row = el("div", { class: "controls" }, this.pause, this.resume, this.cancel, this.retry, this.note);
  }

  draw(status, incomplete) {
    if (status === this.status) return;
    this.status = status;
    const running = ["pending", "processing", "paused"].includes(status);
    this.pause.hidden = status !== "processing";
    this.resume.hidden = status !== "paused";
    this.cancel.hidden = !running;
    this.retry.hidden = !incomplete;
    this.row.hidden = !running && !incomplete;
    this.note.textContent = "";
  }

  #button(label, work) {
    const press = async () => {
      button.disabled = true;
      await work().catch(tell);
      button.disabled = false;
    };
    const button = el("button", { type: "button", onclick: press }, label);
    return button;
  }

  /** The stream tells when it has happened; until then the answer's own words stand. */
  async #ask(what) {
    this.note.textContent = (await post(`generations/${this.id}/${what}`)).message;
  }

  async #retry() {
    const answer = await this.#retrying.send(this.id, (headers) =>
      post(`generations/${this.id}/retry`, undefined, { headers }));
    this.note.textContent = answer.message;
    this.onRetried(answer);
  }
}
