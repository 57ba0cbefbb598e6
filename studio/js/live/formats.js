/** The export formats on offer, by name; asked for once. */

import { get } from "../core/api.js";
import { has, t } from "../words/words.js";

const known = new Map();
let asked;

export function formats() {
  asked ??= get("formats").then((answer) => {
    for (const format of answer.formats) known.set(format.name, format);
    return answer;
  }).catch((error) => {
    asked = null;
    throw error;
  });
  return asked;
}

/** instagram_story -> Instagram story, until the formats are known by their labels. */
export function labelOf(name) {
  if (has(`format.${name}`)) return t(`format.${name}`);
  const text = known.get(name)?.label ?? name.replaceAll("_", " ");
  return text[0].toUpperCase() + text.slice(1);
}
