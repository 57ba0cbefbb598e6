/** How each part of the service is, and how much waits at each task queue. */

import { address } from "../core/api.js";
import { el } from "../core/dom.js";
import { moment, number, t } from "../words/words.js";
import { part } from "./part.js";

export const health = () => part(t("operator.health"), read);

/** Also an unhealthy service tells what is wrong with it, with the status 503. */
async function read() {
  const { checks: { workers, ...others }, timestamp, version } = await (await fetch(address("health"))).json();
  return [
    el("div", { class: "figures" }, Object.entries({ ...others, workers }).map(condition)),
    el("div", { class: "table" }, el("table", {},
      el("thead", {}, el("tr", {}, ["queue", "pollers", "backlog"].map((name) => el("th", { scope: "col" }, t(`operator.${name}`))))),
      el("tbody", {}, Object.entries(workers.queues).map(queue)))),
    el("p", { class: "hint" }, t("operator.looked", { time: moment(timestamp), version })),
  ];
}

function condition([name, { status }]) {
  return el("div", { class: "figure-box health", "data-health": status },
    el("strong", {}, t(`health.${status}`)), el("span", { class: "hint" }, t(`operator.${name}`)));
}

function queue([name, { pollers, backlog }]) {
  return el("tr", {}, el("td", {}, name), el("td", { class: "numbers" }, number(pollers)), el("td", { class: "numbers" }, number(backlog)));
}
