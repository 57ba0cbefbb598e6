/** What happens now, for all users: how much runs, how fast, what fails, and what is stuck in retries. */

import { get } from "../core/api.js";
import { el } from "../core/dom.js";
import { figure } from "../parts/figure.js";
import { has, moment, number, t } from "../words/words.js";
import { part } from "./part.js";

const MINUTES = 5;

export const live = () => part(t("operator.live"), read);

async function read() {
  const since = new Date(Date.now() - MINUTES * 60_000).toISOString();
  const [{ running, degraded, uiUrl }, { totalPosesGenerated: made }, errors] = await Promise.all([
    get("metrics/running"), get(`metrics?startDate=${since}`), get(`metrics/errors?startDate=${yesterday()}`),
  ]);
  return [
    el("div", { class: "figures" },
      figure(number(running), t("operator.running")),
      figure(number(Math.round((10 * made) / MINUTES) / 10), t("operator.pace")),
      figure(number(errors.total), t("operator.failures")),
      figure(number(degraded.length), t("operator.stuck"))),
    errors.total > 0 && failures(errors.errors),
    degraded.length > 0 && stuck(degraded),
    el("p", {}, el("a", { href: uiUrl, target: "_blank", rel: "noopener" }, t("operator.temporalUi"))),
  ];
}

const yesterday = () => new Date(Date.now() - 86_400_000).toISOString();

function failures(errors) {
  return el("ul", { class: "codes" }, errors.map(({ code, count, lastSeenAt }) => el("li", {},
    el("strong", { class: "numbers" }, number(count)), el("code", {}, code),
    el("span", { class: "hint" }, has(`failure.${code}`) && t(`failure.${code}`), " ", moment(lastSeenAt)))));
}

function stuck(runs) {
  return el("ol", { class: "rows" }, runs.map((run) => el("li", {},
    el("a", { class: "row stuck", href: run.workflowUrl, target: "_blank", rel: "noopener" },
      el("code", {}, run.generationId), el("span", { class: "hint" }, moment(run.startedAt)),
      el("span", { class: "numbers" }, `${number(run.itemsDone)} / ${number(run.itemsTotal)}`)))));
}
