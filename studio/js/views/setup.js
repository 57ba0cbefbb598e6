/** Everything about an order but its poses, with the price beside it and what is wrong said at the field. */

import { el } from "../core/dom.js";
import { navigate } from "../core/router.js";
import { draft } from "../live/draft.js";
import { quote } from "../live/quote.js";
import { linkButton } from "../parts/button.js";
import { empty, page } from "../parts/page.js";
import { avatarSection } from "../setup/avatar.js";
import { backgroundSection } from "../setup/background.js";
import { chosenSection } from "../setup/chosen.js";
import { formatsSection } from "../setup/formats.js";
import { projectSection } from "../setup/project.js";
import { seedSection, variationsSection } from "../setup/numbers.js";
import { summary } from "../setup/summary.js";
import { t } from "../words/words.js";

export function open() {
  if (draft.isEmpty) return { element: nothing() };
  const sections = [chosenSection(), projectSection(), avatarSection(), variationsSection(), formatsSection(), backgroundSection(), seedSection()];
  const listening = new AbortController();
  const complain = () => {
    const wrong = quote.state === "refused" ? wrongFields(quote.error) : {};
    for (const section of sections) section.complain(wrong);
  };
  quote.addEventListener("change", complain, { signal: listening.signal });
  quote.refresh();
  const element = page("setup", { title: t("setup.title"), actions: [linkButton(t("setup.back"), draft.isText ? "#/describe" : "#/pick", { sign: "left" })] },
    el("form", { class: "setup-columns", novalidate: true, onsubmit: (event) => event.preventDefault() },
      el("div", { class: "sections" }, sections.map((section) => section.element)),
      summary((id) => navigate(`#/generations/${id}`), listening.signal)));
  return { element, close: () => listening.abort() };
}

function nothing() {
  return page("setup", { title: t("setup.title") },
    empty("pose", t("setup.none"), t("setup.noneHint"), linkButton(t("pick.title"), "#/pick", { kind: "primary" })));
}

/** Field by field; a refused prompt is said at the words that can have been meant. */
function wrongFields(error) {
  const wrong = Object.fromEntries(error.fields.map(({ name, message }) => [name, message]));
  if (error.code === "INVALID_PROMPT") wrong[draft.isText ? "textPrompt" : draft.now.prompt.trim() ? "prompt" : "backgroundPrompt"] = error.message;
  return wrong;
}
