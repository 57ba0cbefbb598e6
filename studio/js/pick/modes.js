/** The two ways to say what is wanted: poses of the library, or a pose in words. */

import { el } from "../core/dom.js";
import { icon } from "../parts/icons.js";
import { t } from "../words/words.js";

export function modes(chosen) {
  const way = (name, sign) =>
    el("a", { href: `#/${name}`, "aria-current": name === chosen ? "true" : null }, icon(sign), t(`modes.${name}`));
  return el("div", { class: "segments", role: "group", "aria-label": t("modes.label") },
    way("pick", "pose"), way("describe", "words"));
}
