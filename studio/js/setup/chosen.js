/** What is going to be made: the chosen poses, or the words. */

import { el, fill } from "../core/dom.js";
import { draft } from "../live/draft.js";
import { Field } from "../parts/field.js";
import { linkButton } from "../parts/button.js";
import { thumbnail } from "../parts/thumbnail.js";
import { t } from "../words/words.js";
import { section } from "./section.js";

const IN_SIGHT = 11;

export function chosenSection() {
  return draft.isText ? words() : poses();
}

function words() {
  const text = el("textarea", { rows: 2, maxlength: 500, oninput: () => draft.set({ textPrompt: text.value }) });
  text.value = draft.now.textPrompt;
  const field = new Field(t("describe.label"), text, { unseen: true });
  return section(t("setup.words"), { textPrompt: field }, field.element);
}

function poses() {
  const list = el("ul", { class: "chosen" });
  const style = el("textarea", { rows: 2, maxlength: 500, placeholder: t("setup.styleExample"), oninput: () => draft.set({ prompt: style.value }) });
  style.value = draft.now.prompt;
  const prompt = new Field(t("setup.style"), style, { optional: t("ui.optional"), hint: t("setup.styleHint") });
  const { poses: chosen } = draft.now;
  fill(list,
    chosen.slice(0, IN_SIGHT).map((pose) => el("li", { title: pose.name }, thumbnail(pose, 72, true), el("span", { class: "unseen", lang: "en" }, pose.name))),
    chosen.length > IN_SIGHT && el("li", { class: "more" }, `+${chosen.length - IN_SIGHT}`));
  const wrong = el("p", { class: "error", role: "alert", hidden: true });
  const selected = { complain: (text) => (fill(wrong, text), (wrong.hidden = !text)) };
  return section(t("setup.poses", { count: chosen.length }), { prompt, selectedPoseIds: selected },
    list, wrong, el("div", { class: "actions" }, linkButton(t("setup.change"), "#/pick", { kind: "bare" })), prompt.element);
}
