/** What stands around every view: where one can go, the balance, the connection, and the settings. */

import { byId, el, fill } from "./core/dom.js";
import { account } from "./live/account.js";
import { generations } from "./live/generations.js";
import { icon } from "./parts/icons.js";
import { settings } from "./parts/settings.js";
import { number, t } from "./words/words.js";

const PLACES = [
  ["pick", "pose"],
  ["generations", "pictures"],
  ["requests", "wishes"],
  ["credits", "credits"],
  ["operator", "operator"],
];
const PART_OF = { describe: "pick", setup: "pick" };

const count = el("span", { class: "count", hidden: true });
const state = el("p", { class: "connection", role: "status" });
const balance = el("a", { class: "balance", href: "#/credits" });

export function openShell(bearer) {
  const places = PLACES.filter(([name]) => name !== "operator" || bearer.isAdmin);
  byId("rail").append(
    el("nav", { id: "nav", "aria-label": t("nav.label") }, places.map(place)),
    el("div", { class: "rail-foot" }, state, balance, settings(bearer)));
  account.addEventListener("change", showBalance);
  generations.addEventListener("change", showRunning);
}

export function showView(name) {
  for (const link of byId("nav").children) {
    if (link.dataset.place === (PART_OF[name] ?? name)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

export function connection(is) {
  state.dataset.state = is;
  fill(state, is === "offline" && icon("offline"), t(`connection.${is}`));
}

function place([name, sign]) {
  return el("a", { href: `#/${name}`, "data-place": name },
    icon(sign), el("span", {}, t(`nav.${name}`)), name === "generations" && count);
}

function showBalance() {
  const { balance: credits, unlimited } = account.known;
  fill(balance, unlimited
    ? t("credits.today", { used: unlimited.used, quota: unlimited.dailyQuota })
    : [el("strong", {}, number(credits)), ` ${t("credits.unit", { count: credits })}`]);
}

function showRunning() {
  const running = generations.running.length;
  count.hidden = running === 0;
  fill(count, number(running), el("span", { class: "unseen" }, ` ${t("nav.running")}`));
}
