/** What the user must know: problems stay until they are dismissed, news go by themselves. */

import { byId, el } from "../core/dom.js";
import { t } from "../words/words.js";
import { icon } from "./icons.js";

const NEWS_MS = 6000;

export function tell(error) {
  if (error.status === 401) return; // The sign-in page says it.
  show(error.message, "alert");
}

/** Seen by all, said by screen readers. */
export function news(text) {
  const shown = show(text, "status");
  setTimeout(() => shown.remove(), NEWS_MS);
}

export function dismissAll() {
  byId("notices").replaceChildren();
}

/** For screen readers only. */
export function announce(text) {
  byId("announcer").textContent = text;
}

function show(text, role) {
  for (const old of byId("notices").children) if (old.dataset.text === text) old.remove();
  const notice = el("div", { class: `notice ${role}`, role, "data-text": text },
    role === "alert" && icon("warning"),
    el("p", {}, text),
    el("button", { type: "button", class: "bare", "aria-label": t("ui.dismiss"), onclick: () => notice.remove() }, icon("close")));
  byId("notices").append(notice);
  return notice;
}
