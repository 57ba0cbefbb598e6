/** Choosing among finished pictures, for what is done with several at once. */

import { el, fill } from "../core/dom.js";
import { button } from "../parts/button.js";
import { t } from "../words/words.js";
import { bulk } from "./bulk.js";

export class Selection {
  #on = false;
  #chosen = new Set();

  constructor(one, tiles) {
    this.one = one;
    this.tiles = tiles;
    this.count = el("strong", { role: "status" });
    this.work = el("div", { class: "actions" });
    this.bar = el("div", { class: "selection-bar", hidden: true }, this.count,
      button(t("select.all"), () => this.#all(), { kind: "bare" }), this.work);
    tiles.list.addEventListener("click", (event) => this.#on && this.#pick(event), { capture: true });
  }

  toggle() {
    this.#on = !this.#on;
    this.#chosen.clear();
    this.bar.hidden = !this.#on;
    this.button.setAttribute("aria-pressed", String(this.#on));
    this.tiles.list.classList.toggle("selecting", this.#on);
    if (this.#on) fill(this.work, bulk(this.one, () => [...this.#chosen]));
    this.#draw();
  }

  #pick(event) {
    const index = Number(event.target.closest("[data-item]")?.dataset.item);
    if (Number.isNaN(index)) return;
    event.stopPropagation(); // Chosen, not opened.
    if (!this.#chosen.delete(index)) this.#chosen.add(index);
    this.#draw();
  }

  #all() {
    const { delivered } = this.tiles;
    const all = this.#chosen.size < delivered.length ? delivered.map(({ index }) => index) : [];
    this.#chosen = new Set(all);
    this.#draw();
  }

  #draw() {
    this.count.textContent = t("select.count", { count: this.#chosen.size });
    for (const tile of this.tiles.list.querySelectorAll("[data-item]")) {
      const press = tile.querySelector("button");
      if (this.#on) press.setAttribute("aria-pressed", String(this.#chosen.has(Number(tile.dataset.item))));
      else press.removeAttribute("aria-pressed");
    }
    for (const work of this.work.children) work.setAttribute("aria-disabled", String(this.#chosen.size === 0));
  }
}
