/** What stands behind the figure: as made, a colour, a place in words, or a picture of one's own. */

import { el, fill } from "../core/dom.js";
import { draft } from "../live/draft.js";
import { Field } from "../parts/field.js";
import { t } from "../words/words.js";
import { upload } from "../parts/upload.js";
import { section } from "./section.js";

const MODES = ["keep", "solid_color", "ai_generate", "upload"];
const SWATCHES = ["#ffffff", "#f4f1ec", "#dfe4ea", "#f7d9c4", "#cfe3d4", "#d6cbe8", "#5a5f6a", "#111111"];

export function backgroundSection() {
  const now = () => draft.now.background;
  const set = (changed) => draft.set({ background: { ...now(), ...changed } });
  const picker = backgroundPicker(now, set);
  return section(t("setup.background"), picker.fields, picker.element, el("p", { class: "hint" }, t("background.price")));
}

/** Also used to change a finished picture's background; `modes` are those on offer. */
export function backgroundPicker(now, set, modes = MODES) {
  const place = el("div", { class: "background-how" });
  const color = colorField(now, set);
  const words = el("textarea", { rows: 2, maxlength: 300, placeholder: t("background.example"), oninput: () => set({ prompt: words.value }) });
  words.value = now().prompt;
  const prompt = new Field(t("background.prompt"), words);
  const image = upload(t("background.image"), "background", (file) => set({ image: file }), now().image);
  const how = { keep: null, solid_color: color.element, ai_generate: prompt.element, upload: image.element };
  const choose = (mode) => (set({ mode }), fill(place, how[mode]));
  fill(place, how[now().mode]);
  return {
    fields: { backgroundColor: color, backgroundPrompt: prompt, backgroundImageUrl: image },
    element: el("div", { class: "stack" },
      el("div", { class: "segments wrap", role: "radiogroup", "aria-label": t("setup.background") }, modes.map((mode) =>
        el("label", {}, el("input", { type: "radio", name: `background-${modes.length}`, checked: mode === now().mode, onchange: () => choose(mode) }), t(`background.${mode}`)))),
      place),
  };
}

function colorField(now, set) {
  const input = el("input", { type: "color", value: now().color, oninput: () => take(input.value) });
  const field = new Field(t("background.color"), input);
  const sample = el("div", { class: "sample", "aria-hidden": "true" });
  const take = (color) => {
    input.value = color;
    sample.style.setProperty("--chosen", color);
    set({ color });
  };
  sample.style.setProperty("--chosen", now().color);
  const swatches = SWATCHES.map((color) => {
    const swatch = el("button", { type: "button", class: "swatch", "aria-label": color, title: color, onclick: () => take(color) });
    swatch.style.setProperty("--chosen", color);
    return swatch;
  });
  field.element.append(el("div", { class: "swatches" }, swatches));
  return { element: el("div", { class: "color-field" }, field.element, sample), complain: (text) => field.complain(text) };
}
