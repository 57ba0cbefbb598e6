/** A button that is busy while its work is under way, and says what went wrong with it. */

import { el } from "../core/dom.js";
import { icon } from "./icons.js";
import { tell } from "./notice.js";

export function button(label, work, { kind = "", sign, name, ...attributes } = {}) {
  const press = async (event) => {
    if (made.getAttribute("aria-disabled") === "true") return;
    const doing = work(event);
    if (!doing?.then) return;
    made.setAttribute("aria-disabled", "true"); // Not `disabled`: that would drop the keyboard's focus.
    await doing.catch(tell);
    made.removeAttribute("aria-disabled");
  };
  const made = el("button", { type: "button", class: kind, "aria-label": name, title: name, ...attributes, onclick: press },
    sign && icon(sign), label && el("span", {}, label));
  return made;
}

/** A link that looks like a button. */
export function linkButton(label, href, { kind = "", sign, ...attributes } = {}) {
  return el("a", { class: `button ${kind}`, href, ...attributes }, sign && icon(sign), el("span", {}, label));
}
