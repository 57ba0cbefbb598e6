/** The operator's corner: how the service is, what is stuck, and what waits for a decision. */

import { health } from "../operator/health.js";
import { live } from "../operator/live.js";
import { wishes } from "../operator/wishes.js";
import { page } from "../parts/page.js";
import { t } from "../words/words.js";

const EVERY_MS = 5000;

export function open() {
  const parts = [live(), health(), wishes()];
  const look = () => document.hidden || parts.forEach(({ look: again }) => again?.());
  const clock = setInterval(look, EVERY_MS);
  return { element: page("operator", { title: t("nav.operator") }, parts.map(({ element }) => element)), close: () => clearInterval(clock) };
}

