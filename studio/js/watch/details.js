/** What belongs to a picture: marking it, its files to download, and how it was made. */

import { patch } from "../core/api.js";
import { el } from "../core/dom.js";
import { button } from "../parts/button.js";
import { duration, t } from "../words/words.js";
import { background } from "./background.js";
import { files } from "./files.js";

/** `onChanged` is given what is new, or nothing when that has to be read. */
export function details(item, one, onChanged) {
  return el("div", { class: "details" },
    el("div", { class: "actions" }, love(item, onChanged)),
    el("h3", {}, t("viewer.files")),
    files(item, onChanged),
    background(item, one, onChanged),
    el("details", {}, el("summary", {}, t("viewer.how")),
      el("dl", { class: "facts column" },
        fact("viewer.prompt", item.promptUsed, "en"), fact("viewer.seed", item.seedUsed), fact("viewer.model", item.model, "en"),
        fact("viewer.time", item.generationTime && duration(item.generationTime / 1000)))));
}

function love(item, onChanged) {
  const press = async () => onChanged((await patch(`poses/${item.id}`, { isFavorite: !item.isFavorite })).pose);
  return button(t("viewer.favorite"), press, { kind: "chip", sign: "heart", "aria-pressed": String(item.isFavorite) });
}

function fact(name, value, lang) {
  return value != null && el("div", {}, el("dt", {}, t(name)), el("dd", { lang }, typeof value === "number" ? String(value) : value));
}
