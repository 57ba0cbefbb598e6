/** The category tree with its counts; on a small screen the same as one list to choose from. */

import { get } from "../core/api.js";
import { el, fill } from "../core/dom.js";
import { tell } from "../parts/notice.js";
import { named, number, t } from "../words/words.js";

const INDENT = "\u2003";

export class Categories {
  chosen = null;
  #tree = [];

  constructor(onChoose) {
    this.onChoose = onChoose;
    this.list = el("select", { class: "category-list", "aria-label": t("pick.category"), onchange: ({ target }) => this.#choose(target.value) });
    this.branches = el("ul", {});
    this.element = el("div", { class: "categories" }, this.list,
      el("nav", { class: "category-tree", "aria-label": t("pick.category") }, this.branches));
    get("categories").then(({ categories }) => this.#show(categories), tell);
  }

  #show(categories) {
    this.#tree = filled(categories);
    fill(this.list, el("option", { value: "" }, t("pick.all")), this.#tree.flatMap((branch) => options(branch, 0)));
    this.#draw();
  }

  #draw() {
    const total = this.#tree.reduce((sum, { poseCount }) => sum + poseCount, 0);
    fill(this.branches,
      el("li", {}, this.#entry({ id: null, name: t("pick.all"), poseCount: total })),
      this.#tree.map((branch) => this.#branch(branch)));
    this.list.value = this.chosen ?? "";
  }

  /** Open where something in it is chosen. */
  #branch(branch) {
    const below = filled(branch.children);
    return el("li", {}, this.#entry(branch),
      below.length > 1 && contains(branch, this.chosen) && el("ul", {}, below.map((child) => this.#branch(child))));
  }

  #entry({ id, name, poseCount }) {
    return el("button", {
      type: "button", "data-category": id ?? "all", "aria-pressed": String(id === this.chosen), onclick: () => this.#choose(id),
    }, el("span", {}, named("category", id, name)), el("span", { class: "hint" }, number(poseCount)));
  }

  #choose(id) {
    const focused = this.branches.contains(document.activeElement);
    this.chosen = id || null;
    this.#draw();
    if (focused) this.branches.querySelector(`[data-category="${id ?? "all"}"]`)?.focus();
    this.onChoose();
  }
}

const filled = (categories) => categories.filter(({ poseCount }) => poseCount > 0);
const contains = (branch, id) => branch.id === id || branch.children.some((child) => contains(child, id));

function options(branch, depth) {
  return [
    el("option", { value: branch.id }, `${INDENT.repeat(depth)}${named("category", branch.id, branch.name)} (${number(branch.poseCount)})`),
    ...filled(branch.children).flatMap((child) => options(child, depth + 1)),
  ];
}
