/** One picture in large, with its files. Asked for afresh each time, since its links expire. */

import { get } from "../core/api.js";
import { el, fill } from "../core/dom.js";
import { account } from "../live/account.js";
import { poseOf } from "../live/poses.js";
import { button } from "../parts/button.js";
import { failed } from "../parts/page.js";
import { t } from "../words/words.js";
import { underWay } from "./background.js";
import { details } from "./details.js";
import { stage } from "./stage.js";

const WAITING_MS = 1500;
const KEYS = { ArrowLeft: -1, ArrowRight: 1 };

export class Viewer {
  #index = -1;
  #awaited = null;

  constructor(one, { onStep, onClose, onItem }) {
    this.one = one;
    this.onStep = onStep;
    this.onItem = onItem;
    this.title = el("h2", { id: "viewer-title" });
    this.previous = button("", () => this.#step(-1), { kind: "bare", sign: "left", name: t("viewer.previous") });
    this.next = button("", () => this.#step(1), { kind: "bare", sign: "right", name: t("viewer.next") });
    this.place = el("div", { class: "viewer-body" });
    this.dialog = el("dialog", { class: "viewer", "aria-labelledby": "viewer-title", onclose: () => onClose(this.#index) },
      el("header", {}, this.title, this.previous, this.next,
        button("", () => this.close(), { kind: "bare", sign: "close", name: t("ui.close") })),
      this.place);
    this.dialog.addEventListener("keydown", (event) => {
      if (KEYS[event.key] && !event.target.matches("input")) this.#step(KEYS[event.key]);
    });
  }

  get isOpen() {
    return this.dialog.open;
  }

  open(index) {
    if (this.isOpen && index === this.#index) return;
    this.#index = index;
    if (!this.dialog.isConnected) document.body.append(this.dialog);
    if (!this.isOpen) this.dialog.showModal();
    this.#show();
  }

  close() {
    if (this.isOpen) this.dialog.close();
    this.dialog.remove();
  }

  get #order() {
    return [...this.one.items.values()].filter(({ status }) => status === "completed").map(({ index }) => index).sort((a, b) => a - b);
  }

  #step(by) {
    const wanted = this.#order[this.#order.indexOf(this.#index) + by];
    if (wanted === undefined) return;
    this.#index = wanted;
    this.onStep(wanted);
    this.#show();
  }

  async #show() {
    const index = this.#index;
    const known = this.one.items.get(index);
    const at = this.#order.indexOf(index);
    this.previous.setAttribute("aria-disabled", String(at <= 0));
    this.next.setAttribute("aria-disabled", String(at === this.#order.length - 1));
    this.title.textContent = t("tile.picture", { number: index + 1 });
    if (!known) return fill(this.place, el("p", { class: "soft" }, t("viewer.gone")));
    try {
      const answer = await get(`poses/${known.id}`);
      const item = { ...answer.pose, backgroundChange: answer.backgroundChange };
      const pose = item.poseId && (await poseOf(item.poseId));
      if (index !== this.#index) return; // Leafed on meanwhile.
      this.#keep(item);
      this.#await(item);
      if (pose) this.title.textContent = pose.name;
      fill(this.place, stage(item, pose), details(item, this.one, (changed) => this.#changed(changed)));
    } catch (error) {
      if (index === this.#index) fill(this.place, failed(error, () => this.#show()));
    }
  }

  #changed(item) {
    if (item) this.#keep(item);
    if (!item || item.index === this.#index) this.#show();
  }

  /** No event tells of a change of the background. */
  #await(item) {
    if (underWay(item)) setTimeout(() => this.isOpen && this.#index === item.index && this.#show(), WAITING_MS);
    else if (this.#awaited === item.id) account.refresh();
    this.#awaited = underWay(item) ? item.id : null;
  }

  #keep(item) {
    this.one.items.set(item.index, item);
    this.onItem(item);
  }
}
