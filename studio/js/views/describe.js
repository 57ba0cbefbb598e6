/** A pose in words, with what the service thinks of them while one types. Stays as it was left. */

import { el } from "../core/dom.js";
import { keep } from "../core/kept.js";
import { navigate } from "../core/router.js";
import { draft } from "../live/draft.js";
import { quote } from "../live/quote.js";
import { button } from "../parts/button.js";
import { page } from "../parts/page.js";
import { verdict } from "../pick/verdict.js";
import { match } from "../pick/match.js";
import { modes } from "../pick/modes.js";
import { number, t } from "../words/words.js";

const MAX_LENGTH = 500;

export function open() {
  const words = el("textarea", {
    id: "text-prompt", maxlength: MAX_LENGTH, placeholder: t("describe.example"), "aria-describedby": "verdict",
    oninput: () => say(words.value),
  });
  const length = el("span", { class: "hint numbers", "aria-hidden": "true" });
  const say = (text) => {
    words.value = text;
    draft.set({ mode: "text", textPrompt: text });
  };
  const next = button(t("tray.next"), () => navigate("#/setup"), { kind: "primary" });
  const draw = () => {
    length.textContent = `${number(words.value.length)} / ${number(MAX_LENGTH)}`;
    next.setAttribute("aria-disabled", String(quote.state !== "priced" || !draft.isText));
  };
  words.value = draft.now.textPrompt;
  quote.addEventListener("change", draw);
  draw();
  const element = page("describe", { title: t("describe.title"), intro: t("describe.intro"), actions: [modes("describe")] },
    el("div", { class: "described" },
      el("div", { class: "stack" },
        el("label", { class: "unseen", for: "text-prompt" }, t("describe.label")), words,
        el("div", { class: "meter" }, verdict(words), length),
        suggestions(words, say),
        el("div", { class: "actions" }, next)),
      match(words)));
  return keep("describe", { element, shown: () => words.value.trim() && draft.set({ mode: "text" }) });
}

function suggestions(words, say) {
  const add = (word) => {
    say(`${words.value.trimEnd()}${words.value.trim() ? ", " : ""}${word}`);
    words.focus();
  };
  const list = t("describe.words").split("|");
  return el("div", { class: "suggestions", role: "group", "aria-label": t("describe.suggestions") },
    list.map((word) => el("button", { type: "button", class: "chip", onclick: () => add(word) }, word)));
}
