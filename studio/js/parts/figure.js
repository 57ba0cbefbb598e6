/** A number with its name. */

import { el } from "../core/dom.js";

export const figure = (value, name, ...more) =>
  el("div", { class: "figure-box" }, el("strong", { class: "numbers" }, value), el("span", { class: "hint" }, name), more);
