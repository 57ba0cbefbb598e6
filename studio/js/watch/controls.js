/** Pause, resume and cancel while it runs; choose, share or make the missing ones when it is over. */

import { post } from "../core/api.js";
import { el } from "../core/dom.js";
import { Once } from "../core/once.js";
import { navigate } from "../core/router.js";
import { account } from "../live/account.js";
import { button } from "../parts/button.js";
import { confirmed } from "../parts/dialog.js";
import { t } from "../words/words.js";

export class Controls {
  constructor(one, selection) {
    this.one = one;
    this.asked = null;
    this.retrying = new Once(`retry.${one.id}`);
    this.pause = button(t("watch.pause"), () => this.#ask("pause"), { sign: "pause" });
    this.resume = button(t("watch.resume"), () => this.#ask("resume"), { sign: "play", kind: "primary" });
    this.cancel = button(t("watch.cancel"), () => this.#cancel(), { sign: "stop" });
    this.retry = button(t("watch.retry"), () => this.#retry(), { sign: "again", kind: "primary" });
    this.select = button(t("watch.select"), () => selection.toggle(), { sign: "select", "aria-pressed": "false" });
    selection.button = this.select;
    this.row = el("div", { class: "actions" }, this.pause, this.resume, this.cancel, this.retry, this.select);
  }

  draw() {
    const { status, over, completed, total } = this.one;
    if (this.asked !== status) this.asked = null;
    this.pause.hidden = status !== "processing";
    this.resume.hidden = status !== "paused";
    this.cancel.hidden = over || !total;
    this.retry.hidden = !over || completed >= total;
    this.select.hidden = completed === 0;
  }

  /** The stream tells when it has happened. */
  async #ask(what) {
    await post(`generations/${this.one.id}/${what}`);
  }

  async #cancel() {
    if (await confirmed(t("watch.cancelSure"), t("watch.cancelYes"))) await this.#ask("cancel");
  }

  async #retry() {
    const { id } = this.one;
    const answer = await this.retrying.send(id, (headers) => post(`generations/${id}/retry`, undefined, { headers }));
    account.refresh();
    navigate(`#/generations/${answer.generationId}`);
  }
}
