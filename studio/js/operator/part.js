/** A part of the operator's corner: read at once, and again as long as it is in sight. */

import { el, fill } from "../core/dom.js";
import { load } from "../parts/page.js";

export function part(title, read) {
  const place = el("div", { class: "stack" });
  queueMicrotask(() => load(place, read));
  const look = async () => {
    if (!place.hasAttribute("aria-busy")) fill(place, await read().catch((error) => el("p", { class: "error" }, error.message)));
  };
  return { element: el("section", { class: "stack" }, el("h2", {}, title), place), look };
}
