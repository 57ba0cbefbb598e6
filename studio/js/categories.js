/** The category filter: a row of chips, and a second row for what lies below the chosen one. */

import { get } from "./api.js";
import { byId, el } from "./dom.js";
import { number } from "./words.js";

const ALL = { id: null, name: "All" };

export class Categories {
  #tree = [];
  #path = [];

  constructor(onChoose) {
    this.onChoose = onChoose;
  }

  get chosen() {
    return this.#path.at(-1)?.id ?? null;
  }

  async load() {
    this.#tree = filled((await get("categories")).categories);
    this.#draw();
  }

  #draw() {
    const [top, below] = this.#path;
    const children = top ? filled(top.children) : [];
    byId("categories").replaceChildren(
      this.#chip(ALL, [], !top),
      ...this.#tree.map((category) => this.#chip(category, [category], category === top)),
    );
    byId("subcategories").replaceChildren(
      ...children.map((child) => this.#chip(child, child === below ? [top] : [top, child], child === below)),
    );
    byId("subcategories").hidden = children.length < 2;
  }

  #chip(category, path, pressed) {
    const count = category.poseCount && el("span", { class: "hint" }, ` ${number(category.poseCount)}`);
    const choose = (event) => {
      this.#path = path;
      const row = event.currentTarget.parentElement;
      const place = [...row.children].indexOf(event.currentTarget);
      this.#draw();
      row.children[place]?.focus(); // The chips are new ones: the keyboard stays where it was.
      this.onChoose();
    };
    return el("button", { type: "button", class: "chip", "aria-pressed": String(pressed), onclick: choose },
      category.name, count);
  }
}

const filled = (categories) => categories.filter((category) => category.poseCount > 0);
