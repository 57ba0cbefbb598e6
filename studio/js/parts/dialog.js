/** A modal window: Escape and a click beside it close it, and the focus goes back where it came from. */

import { el } from "../core/dom.js";
import { t } from "../words/words.js";
import { button } from "./button.js";

export function dialog(title, content, { kind = "" } = {}) {
  const heading = el("h2", { id: `dialog-${Date.now()}` }, title);
  const close = button("", () => window_.close(), { kind: "bare", sign: "close", name: t("ui.close") });
  const window_ = el("dialog", { class: `window ${kind}`, "aria-labelledby": heading.id },
    el("div", { class: "window-body" }, el("header", {}, heading, close), content));
  window_.addEventListener("click", ({ target }) => target === window_ && window_.close());
  window_.addEventListener("close", () => window_.remove());
  document.body.append(window_);
  window_.showModal();
  return window_;
}

/** A question before something that cannot be undone. */
export function confirmed(question, yes) {
  return new Promise((resolve) => {
    const answer = (said) => () => (resolve(said), asked.close());
    const asked = dialog(question, el("div", { class: "actions end" },
      button(t("ui.no"), answer(false)), button(yes, answer(true), { kind: "danger" })));
    asked.addEventListener("close", () => resolve(false));
  });
}
