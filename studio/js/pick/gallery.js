/** The poses that fit, without end: the next page is fetched before one gets there. */

import { get, latest } from "../core/api.js";
import { el, fill } from "../core/dom.js";
import { draft } from "../live/draft.js";
import { favorites, remember } from "../live/poses.js";
import { empty, failed, placeholders } from "../parts/page.js";
import { t } from "../words/words.js";
import { card, markChosen } from "./card.js";
import { walkable } from "./walk.js";

const PAGE_SIZE = 48;
const AHEAD = "1500px";

export class Gallery {
  #ask = latest((signal, query) => get(`library?${new URLSearchParams(query)}`, { signal }));
  #wish = {};
  #next = null;

  constructor() {
    this.found = el("p", { class: "hint", role: "status" });
    this.list = el("ul", { class: "gallery", id: "gallery" });
    this.end = el("div", { class: "gallery-end" });
    this.element = el("div", { class: "gallery-column" }, this.found, this.list, this.end);
    walkable(this.list);
    draft.addEventListener("change", () => markChosen(this.list));
    new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.#more(), { rootMargin: AHEAD }).observe(this.end);
  }

  showBones(on) {
    this.list.classList.toggle("bones", on);
  }

  async show(wish) {
    this.#wish = wish;
    this.#next = null;
    if (!this.list.children.length) fill(this.list, placeholders(24, "card"));
    this.list.setAttribute("aria-busy", "true");
    await this.#page(1);
    this.list.removeAttribute("aria-busy");
  }

  async #more() {
    const wanted = this.#next;
    this.#next = null;
    if (wanted) await this.#page(wanted);
  }

  async #page(number) {
    try {
      const [answer, marked] = await Promise.all([this.#ask({ ...this.#wish, page: number, limit: PAGE_SIZE }), favorites()]);
      if (answer) this.#draw(answer, marked, number);
    } catch (error) {
      this.#fail(error, number);
    }
  }

  #draw({ poses, pagination }, marked, number) {
    poses.forEach(remember);
    const cards = poses.map((pose) => card(pose, marked.has(pose.id)));
    if (number === 1) fill(this.list, cards);
    else this.list.append(...cards);
    this.list.dispatchEvent(new Event("filled"));
    fill(this.end, pagination.total === 0 && empty("search", t("pick.none"), t("pick.noneHint")));
    this.found.textContent = t("pick.found", { count: pagination.total });
    this.#next = number < pagination.totalPages ? number + 1 : null;
    if (this.#next && this.end.getBoundingClientRect().top < innerHeight) this.#more();
  }

  #fail(error, number) {
    if (number === 1) fill(this.list);
    fill(this.end, failed(error, () => this.#page(number)));
  }
}
