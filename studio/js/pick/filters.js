/** Searching as one types, and narrowing down. */

import { debounced, el } from "../core/dom.js";
import { select } from "../parts/field.js";
import { icon } from "../parts/icons.js";
import { t } from "../words/words.js";

const TYPING_MS = 200;
const DIFFICULTIES = ["", "beginner", "intermediate", "advanced"];
const GENDERS = ["", "unisex", "female", "male"];
const SORTS = ["relevance", "popular", "newest", "name"];

export class Filters {
  wanted = {};

  constructor(onChange, onBones) {
    this.onChange = onChange;
    this.search = el("input", {
      id: "search", type: "search", placeholder: t("pick.search"), "aria-label": t("pick.searchLabel"), maxlength: 200,
      autocomplete: "off", spellcheck: "false",
      oninput: debounced(() => this.#want("search", this.search.value.trim()), TYPING_MS),
    });
    this.element = el("search", { class: "filters" },
      el("div", { class: "searchbox" }, icon("search"), this.search),
      el("div", { class: "narrow" },
        this.#choice("difficulty", DIFFICULTIES),
        this.#choice("gender", GENDERS),
        this.#choice("sort", SORTS),
        this.#toggle("favorites", "heart", (on) => this.#want("favorites", on && "true")),
        this.#toggle("bones", "bones", onBones)));
  }

  #choice(name, values) {
    const options = values.map((value) => [value, t(`${name}.${value || "any"}`)]);
    return select(options, values[0], (value) => this.#want(name, value), { "aria-label": t(`pick.${name}`), class: "small" });
  }

  #toggle(name, sign, work) {
    const press = () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      work(on);
    };
    const button = el("button", { type: "button", class: "chip", "aria-pressed": "false", onclick: press },
      icon(sign), t(`pick.${name}`));
    return button;
  }

  #want(name, value) {
    if (value) this.wanted[name] = value;
    else delete this.wanted[name];
    this.onChange();
  }
}
