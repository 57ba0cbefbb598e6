/** What came of it all: totals, the last days as bars, and the poses used most. */

import { el } from "../core/dom.js";
import { day, duration, number, percent, t } from "../words/words.js";
import { figure } from "./figure.js";

export function statistics({ totals, last7Days, last30Days, days, topPoses }) {
  return [
    el("h2", {}, t("stats.title")),
    el("div", { class: "figures" },
      figure(number(totals.items.delivered), t("stats.pictures")),
      figure(number(last7Days.items.delivered), t("stats.week")),
      figure(number(last30Days.credits.net), t("stats.spent")),
      totals.successRate !== null && figure(percent(totals.successRate), t("stats.success")),
      totals.averageTimeMs !== null && figure(duration(totals.averageTimeMs / 1000), t("stats.time"))),
    bars(days),
    topPoses.length > 0 && [el("h3", {}, t("stats.top")), el("ol", { class: "tops" }, topPoses.map(top))],
  ];
}

/** A picture for the eye; for the ear the same as a sentence. */
function bars(days) {
  const most = Math.max(1, ...days.map(({ items }) => items.delivered));
  return el("div", { class: "bars", role: "img", "aria-label": t("stats.days", { total: number(days.reduce((sum, { items }) => sum + items.delivered, 0)) }) },
    days.map(({ date, items }) => {
      const bar = el("i", { class: items.delivered ? "some" : "", title: `${day(date)}: ${number(items.delivered)}` });
      bar.style.height = `${(100 * items.delivered) / most}%`;
      return bar;
    }));
}

function top({ name, thumbnailUrl, items }) {
  return el("li", {}, thumbnailUrl && el("img", { src: thumbnailUrl, alt: "", width: 56, height: 56, loading: "lazy" }),
    el("span", {}, el("strong", { lang: "en" }, name), el("span", { class: "hint" }, t("pictures", { count: items }))));
}
