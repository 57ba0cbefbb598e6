/** The files of each picture, grouped by what they are for, each drawn in its proportions. */

import { el, fill } from "../core/dom.js";
import { draft } from "../live/draft.js";
import { formats } from "../live/formats.js";
import { tell } from "../parts/notice.js";
import { named, size, t } from "../words/words.js";
import { section } from "./section.js";

const SIDE_REM = 2;
const MOST = 10;

export function formatsSection() {
  const place = el("div", { class: "format-groups" });
  const wrong = el("p", { class: "error", role: "alert", hidden: true });
  const complain = (text) => (fill(wrong, text), (wrong.hidden = !text));
  const draw = async () => {
    const { formats: all, categories, useCases } = await formats();
    const sets = Object.entries(useCases).filter(([, names]) => names.length <= MOST);
    fill(place,
      el("div", { class: "actions" }, sets.map(([name, names]) =>
        el("button", { type: "button", class: "chip", onclick: () => (draft.set({ formats: names }), draw()) }, named("formats", name, name)))),
      categories.map((category) => group(category, all)));
  };
  draw().catch(tell);
  return section(t("setup.formats"), { outputFormats: { complain } }, el("p", { class: "hint" }, t("setup.formatsHint", { most: MOST })), place, wrong);

  function group({ name, formats: names }, all) {
    return el("fieldset", {}, el("legend", {}, named("formats", name, name)),
      el("div", { class: "format-list" }, names.map((one) => choice(all.find((format) => format.name === one)))));
  }

  function choice(format) {
    const take = ({ target }) => {
      const others = draft.now.formats.filter((name) => name !== format.name);
      const wanted = target.checked ? [...others, format.name] : others;
      complain(wanted.length > MOST ? t("wrong.outputFormats", { most: MOST }) : "");
      if (wanted.length > MOST) target.checked = false;
      else draft.set({ formats: wanted });
    };
    return el("label", { class: "format" },
      el("input", { type: "checkbox", checked: draft.now.formats.includes(format.name), onchange: take }),
      el("span", { class: "aspect" }, drawn(format)),
      el("span", {}, el("span", { class: "format-name" }, named("format", format.name, format.label)),
        el("span", { class: "hint" }, format.width ? `${format.width}\u00a0×\u00a0${format.height}` : t("setup.asIs"), " · ", size(format.estimatedBytes))));
  }
}

/** By the style sheet's own names: the page allows no styles inside its markup. */
function drawn({ width = 1, height = 1 }) {
  const shape = el("i", {});
  const longest = Math.max(width ?? 1, height ?? 1);
  shape.style.width = `${(SIDE_REM * (width ?? 1)) / longest}rem`;
  shape.style.height = `${(SIDE_REM * (height ?? 1)) / longest}rem`;
  return shape;
}
