/** A part of the order: a titled group of fields, and which of the order's fields are complained of in it. */

import { el, newId } from "../core/dom.js";
import { has, language, t } from "../words/words.js";

export function section(title, fields, ...content) {
  const heading = el("h2", { id: newId("part") }, title);
  const element = el("section", { class: "part", role: "group", "aria-labelledby": heading.id }, heading, el("div", { class: "part-body" }, content));
  const complain = (wrong) => {
    for (const [name, field] of Object.entries(fields)) field.complain(wrong[name] && inWords(name, wrong[name]));
  };
  return { element, complain };
}

/** The service speaks English; otherwise we say what the field may hold. */
function inWords(name, message) {
  const ours = language !== "en" || name.startsWith("background"); // Those would speak of the API's own fields.
  return ours && has(`wrong.${name}`) ? t(`wrong.${name}`) : message;
}
