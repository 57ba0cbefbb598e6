/** One generation as a line of the history. */

import { get } from "../core/api.js";
import { el, fill } from "../core/dom.js";
import { moment, number, t } from "../words/words.js";

const STRIP = 5;

export class Row {
  constructor(one) {
    this.one = one;
    this.strip = el("span", { class: "strip", "aria-hidden": "true" }, Array.from({ length: STRIP }, () => el("span", {})));
    this.name = el("strong", {});
    this.when = el("span", { class: "hint" });
    this.state = el("span", { class: "state" });
    this.counts = el("span", { class: "numbers soft" });
    this.bar = el("progress", { max: 100, "aria-label": t("watch.progress") });
    this.link = el("a", { class: "row", href: `#/generations/${one.id}` },
      this.strip, el("span", { class: "row-name" }, this.name, this.when), this.state, this.counts, this.bar);
    this.element = el("li", { id: one.id }, this.link);
    this.draw();
    new IntersectionObserver(([{ isIntersecting }], observer) => {
      if (!isIntersecting) return;
      observer.disconnect();
      this.#pictures();
    }).observe(this.element);
  }

  draw() {
    const { one } = this;
    this.link.dataset.status = one.status;
    this.name.textContent = one.row?.textPrompt ?? one.row?.prompt ?? t("pictures", { count: one.total });
    this.when.textContent = [one.row?.createdAt && moment(one.row.createdAt), t("credits", { count: one.charged - one.refunded })].filter(Boolean).join(" · ");
    this.state.textContent = t(`state.${one.status}`);
    this.counts.textContent = `${number(one.completed)} / ${number(one.total)}`;
    this.bar.value = one.percentage;
    this.bar.hidden = one.over;
    this.#drawStrip();
  }

  async #pictures() {
    if (!this.one.completed || this.#made.length >= STRIP) return this.#drawStrip();
    const { results } = await get(`generations/${this.one.id}/results?status=completed&limit=${STRIP}`).catch(() => ({ results: [] }));
    for (const item of results) this.one.items.set(item.index, item);
    this.#drawStrip();
  }

  get #made() {
    return [...this.one.items.values()].filter(({ thumbnailUrl }) => thumbnailUrl).slice(0, STRIP);
  }

  #drawStrip() {
    this.#made.forEach(({ thumbnailUrl }, place) => {
      const cell = this.strip.children[place];
      if (cell.firstChild?.src !== thumbnailUrl) fill(cell, el("img", { src: thumbnailUrl, alt: "", width: 56, height: 56, loading: "lazy" }));
    });
  }
}
