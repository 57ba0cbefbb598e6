/** The operator's corner: how the service is, and what waits for a decision. */

import { get, patch } from "../core/api.js";
import { el, fill } from "../core/dom.js";
import { button } from "../parts/button.js";
import { Field } from "../parts/field.js";
import { dialog } from "../parts/dialog.js";
import { empty, load, page } from "../parts/page.js";
import { moment, number, t } from "../words/words.js";

const EVERY_MS = 5000;

export function open() {
  const health = el("div", {});
  const wishes = el("div", {});
  const look = async () => fill(health, parts(await get("health").catch((error) => ({ checks: {}, error }))));
  load(health, async () => parts(await get("health")));
  load(wishes, () => pending(wishes));
  const clock = setInterval(() => document.hidden || look(), EVERY_MS);
  return {
    element: page("operator", { title: t("nav.operator") },
      el("section", { class: "stack" }, el("h2", {}, t("operator.health")), health),
      el("section", { class: "stack" }, el("h2", {}, t("operator.wishes")), wishes)),
    close: () => clearInterval(clock),
  };
}

function parts({ checks, timestamp, version, error }) {
  if (error) return el("p", { class: "error", role: "alert" }, error.message);
  const { workers, ...others } = checks;
  return [
    el("div", { class: "figures" }, Object.entries({ ...others, workers }).map(([name, { status }]) =>
      el("div", { class: "figure-box health", "data-health": status }, el("strong", {}, t(`health.${status}`)), el("span", { class: "hint" }, t(`operator.${name}`))))),
    el("div", { class: "table" }, el("table", {},
      el("thead", {}, el("tr", {}, ["queue", "pollers", "backlog"].map((name) => el("th", { scope: "col" }, t(`operator.${name}`))))),
      el("tbody", {}, Object.entries(workers.queues).map(([name, { pollers, backlog }]) =>
        el("tr", {}, el("td", {}, name), el("td", { class: "numbers" }, number(pollers)), el("td", { class: "numbers" }, number(backlog))))))),
    el("p", { class: "hint" }, t("operator.looked", { time: moment(timestamp), version })),
  ];
}

async function pending(place) {
  const { requests } = await get("requests?status=pending&limit=50");
  if (!requests.length) return empty("wishes", t("operator.noWishes"), t("operator.noWishesHint"));
  const again = () => load(place, () => pending(place));
  return el("ol", { class: "rows" }, requests.map((request) => el("li", { class: "wish" },
    el("span", { class: "vote numbers" }, number(request.voteCount)),
    el("div", { class: "wish-text" }, el("strong", {}, request.poseName), el("p", { class: "soft" }, request.description)),
    el("div", { class: "actions" },
      button(t("operator.approve"), async () => (await patch(`requests/${request.id}`, { status: "approved" }), again()), { kind: "primary" }),
      button(t("operator.reject"), () => reject(request, again))))));
}

function reject(request, again) {
  const note = el("textarea", { rows: 2, maxlength: 2000 });
  const go = async () => {
    await patch(`requests/${request.id}`, { status: "rejected", ...(note.value.trim() && { adminNotes: note.value.trim() }) });
    opened.close();
    again();
  };
  const opened = dialog(t("operator.reject"), el("div", { class: "stack" },
    new Field(t("operator.why"), note, { hint: t("operator.whyHint") }).element,
    el("div", { class: "actions end" }, button(t("operator.reject"), go, { kind: "danger" }))));
}
