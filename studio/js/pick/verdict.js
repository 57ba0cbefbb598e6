/** Whether the words will do, and if not, why. */

import { el, fill } from "../core/dom.js";
import { draft } from "../live/draft.js";
import { quote } from "../live/quote.js";
import { icon } from "../parts/icons.js";
import { t } from "../words/words.js";

const OF_THE_WORDS = ["INVALID_PROMPT"];

export function verdict(words) {
  const said = el("p", { id: "verdict", role: "status" });
  const draw = () => {
    if (!draft.isText || !words.value.trim()) return fill(said, el("span", { class: "hint" }, t("describe.hint")));
    if (quote.state === "priced") return fill(said, el("span", { class: "good" }, icon("check"), t("describe.good")));
    if (quote.state === "refused") fill(said, el("span", { class: "error" }, icon("warning"), reason(quote.error)));
  };
  quote.addEventListener("change", draw);
  draw();
  return said;
}

function reason(error) {
  const own = error.fields.find(({ name }) => name === "textPrompt");
  return own || OF_THE_WORDS.includes(error.code) ? t("failure.textPrompt", {}) : error.message;
}
