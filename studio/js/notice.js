/** What the user must know: problems in a bar that stays until it is dismissed, news for screen readers. */

import { byId } from "./dom.js";

const bar = byId("notice");
bar.querySelector("button").addEventListener("click", dismiss);

export function tell(error) {
  if (error.status === 401) return; // The sign-in page says it.
  bar.querySelector("p").textContent = error.message;
  bar.hidden = false;
}

export function dismiss() {
  bar.hidden = true;
}

export function announce(text) {
  byId("announcer").textContent = text;
}
