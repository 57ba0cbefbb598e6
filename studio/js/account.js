/** The balance, or today's quota, in the page's head. */

import { get } from "./api.js";
import { byId, debounced } from "./dom.js";
import { tell } from "./notice.js";
import { number } from "./words.js";

const SETTLING_MS = 300;

export const refreshBalance = debounced(() => show().catch(tell), SETTLING_MS);

async function show() {
  const { balance, unlimited } = await get("credits");
  byId("balance").textContent = unlimited
    ? `${number(unlimited.used)} of ${number(unlimited.dailyQuota)} pictures today`
    : `${number(balance)} credits`;
  byId("balance").hidden = false;
}
