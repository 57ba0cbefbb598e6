/** A control with its label, its hint, and the place where what is wrong with it is said. */

import { el, newId } from "../core/dom.js";
import { icon } from "./icons.js";

export class Field {
  constructor(label, control, { hint, optional, unseen, layout = "", around = (only) => only } = {}) {
    control.id ||= newId("field");
    this.control = control;
    this.error = el("p", { class: "error", id: `${control.id}-error`, hidden: true });
    const about = hint && el("p", { class: "hint", id: `${control.id}-hint` }, hint);
    this.hints = about ? [about.id] : [];
    this.#describe();
    this.element = el("div", { class: `field ${layout}` },
      el("label", { for: control.id, class: unseen && "unseen" }, label, optional && el("span", { class: "hint" }, ` ${optional}`)),
      around(control), about, this.error);
  }

  /** Nothing wrong: an empty text. */
  complain(text) {
    this.error.replaceChildren(...(text ? [icon("warning"), text] : []));
    this.error.hidden = !text;
    if (text) this.control.setAttribute("aria-invalid", "true");
    else this.control.removeAttribute("aria-invalid");
    this.#describe(text);
  }

  #describe(text) {
    const ids = [...this.hints, ...(text ? [this.error.id] : [])].join(" ");
    if (ids) this.control.setAttribute("aria-describedby", ids);
    else this.control.removeAttribute("aria-describedby");
  }
}

export function select(options, chosen, onchange, attributes = {}) {
  return el("select", { ...attributes, onchange: ({ target }) => onchange(target.value) },
    options.map(([value, label]) => el("option", { value, selected: value === chosen }, label)));
}
