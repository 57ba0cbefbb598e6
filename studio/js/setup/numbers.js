/** How many pictures of each pose, and the seed from which all of them follow. */

import { el } from "../core/dom.js";
import { draft } from "../live/draft.js";
import { button } from "../parts/button.js";
import { Field } from "../parts/field.js";
import { t } from "../words/words.js";
import { section } from "./section.js";

const MOST = { library: 10, text: 20 };

export function variationsSection() {
  const most = MOST[draft.now.mode];
  const input = el("input", { type: "number", min: 1, max: most, step: 1, inputmode: "numeric", class: "narrow-input", oninput: () => take(input.valueAsNumber) });
  const step = (by) => () => {
    input.value = Math.max(1, Math.min(most, draft.now.variations + by));
    take(input.valueAsNumber);
  };
  const around = () => el("div", { class: "stepper" },
    button("−", step(-1), { name: t("setup.fewer") }), input, button("+", step(1), { name: t("setup.moreOf") }));
  const field = new Field(t("setup.each"), input, { hint: t("setup.variationsHint", { most }), layout: "line-up", around });
  const take = (wanted) => {
    const good = Number.isInteger(wanted) && wanted >= 1 && wanted <= most;
    field.complain(good ? "" : t("wrong.batchSize", { most }));
    if (good) draft.set({ variations: wanted });
  };
  input.value = Math.min(most, draft.now.variations);
  if (draft.now.variations > most) draft.set({ variations: most });
  return section(t("setup.variations"), { batchSize: field }, field.element);
}

export function seedSection() {
  const input = el("input", { type: "number", min: 0, max: 2147483647, step: 1, inputmode: "numeric", placeholder: t("setup.seedDrawn"), oninput: () => draft.set({ seed: input.value }) });
  input.value = draft.now.seed;
  const field = new Field(t("setup.seed"), input, { optional: t("ui.optional"), hint: t("setup.seedHint") });
  return section(t("setup.advanced"), { seed: field }, field.element);
}
