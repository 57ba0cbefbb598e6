/** What one has, what it went for, and what came of it. */

import { get } from "../core/api.js";
import { el, fill } from "../core/dom.js";
import { button } from "../parts/button.js";
import { empty, load, page } from "../parts/page.js";
import { moment, named, number, t } from "../words/words.js";
import { statistics } from "../parts/statistics.js";
import { figure } from "../parts/figure.js";

const PAGE_SIZE = 30;

export function open() {
  const have = el("div", { class: "figures" });
  const figures = el("div", { class: "stack" });
  const entries = el("div", {});
  load(have, async () => balance(await get("credits")), []);
  load(entries, ledger);
  load(figures, async () => statistics(await get("stats")), []);
  return {
    element: page("credits", { title: t("nav.credits") }, have, figures,
      el("section", { class: "stack" }, el("h2", {}, t("credits.ledger")), entries)),
  };
}

function balance({ balance: credits, unlimited }) {
  if (!unlimited) return figure(number(credits), t("credits.balance"));
  const { used, dailyQuota, resetsAt, expiresAt } = unlimited;
  return [
    figure(`${number(used)} / ${number(dailyQuota)}`, t("credits.quota"), el("progress", { max: dailyQuota, value: used, "aria-label": t("credits.quota") })),
    resetsAt && figure(moment(resetsAt), t("credits.resets")),
    expiresAt && figure(moment(expiresAt), t("credits.expires")),
    figure(number(credits), t("credits.balance")),
  ];
}

async function ledger() {
  const body = el("tbody", {});
  const more = el("div", { class: "more" });
  const next = async (cursor) => {
    const answer = await get(`credits/ledger?${new URLSearchParams({ limit: PAGE_SIZE, ...(cursor && { cursor }) })}`);
    body.append(...answer.entries.map(row));
    fill(more, answer.nextCursor && button(t("history.more"), () => next(answer.nextCursor)));
  };
  await next();
  if (!body.children.length) return empty("credits", t("credits.none"), t("credits.noneHint"));
  const heads = ["when", "what", "amount", "after"].map((name) => el("th", { scope: "col", class: name }, t(`credits.${name}`)));
  return [el("div", { class: "table" }, el("table", {}, el("thead", {}, el("tr", {}, heads)), body)), more];
}

function row({ createdAt, type, amount, balanceAfter, referenceType, referenceId, description }) {
  const about = referenceType === "generation"
    ? el("a", { href: `#/generations/${referenceId}` }, named("ledger", type, type))
    : named("ledger", type, type);
  return el("tr", {},
    el("td", { class: "when hint" }, moment(createdAt)),
    el("td", {}, about, " ", el("span", { class: "hint", lang: "en" }, description)),
    el("td", { class: `amount numbers ${amount > 0 ? "gain" : ""}` }, `${amount > 0 ? "+" : "−"}${number(Math.abs(amount))}`),
    el("td", { class: "after numbers soft" }, number(balanceAfter)));
}
