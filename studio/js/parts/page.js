/** What every view has: a title, perhaps actions, and what stands there while it loads, fails or is empty. */

import { el, fill } from "../core/dom.js";
import { t } from "../words/words.js";
import { button } from "./button.js";
import { icon } from "./icons.js";

export function page(name, { title, intro, actions = [] }, ...content) {
  return el("section", { class: `page ${name}` },
    el("header", { class: "page-head" },
      el("div", {}, el("h1", {}, title), intro && el("p", { class: "soft" }, intro)),
      actions.length > 0 && el("div", { class: "actions" }, actions)),
    content);
}

export function empty(sign, title, text, ...actions) {
  return el("div", { class: "empty" }, icon(sign), el("h2", {}, title), el("p", { class: "soft" }, text), actions);
}

export function failed(error, again) {
  return el("div", { class: "empty", role: "alert" }, icon(error.code === "UNREACHABLE" ? "offline" : "warning"),
    el("h2", {}, t("ui.failed")), el("p", { class: "soft" }, error.message),
    button(t("ui.again"), again, { sign: "again" }));
}

/** Rows that only hold the place of what is to come. */
export function placeholders(count, kind = "row") {
  return Array.from({ length: count }, () => el("div", { class: `placeholder ${kind}`, "aria-hidden": "true" }));
}

/** Fills `place` with what `work` gives, by way of placeholders and, if need be, of a failure with a way out. */
export async function load(place, work, waiting = placeholders(4)) {
  fill(place, waiting);
  place.setAttribute("aria-busy", "true");
  try {
    fill(place, await work());
  } catch (error) {
    if (error.status !== 401) fill(place, failed(error, () => load(place, work, waiting)));
  } finally {
    place.removeAttribute("aria-busy");
  }
}
