/** All generations, newest first; those that run are live. */

import { get } from "../core/api.js";
import { el, fill } from "../core/dom.js";
import { generations } from "../live/generations.js";
import { button, linkButton } from "../parts/button.js";
import { select } from "../parts/field.js";
import { empty, load, page } from "../parts/page.js";
import { t } from "../words/words.js";
import { Row } from "../watch/row.js";

const PAGE_SIZE = 20;
const STATES = ["", "processing", "paused", "completed", "partial", "failed", "cancelled"];

export function open() {
  const leave = new AbortController();
  const rows = new Map();
  const list = el("ol", { class: "rows" });
  const more = el("div", { class: "more" });
  const place = el("div", {});
  let status = "";

  const show = () => {
    rows.clear();
    list.replaceChildren();
    return load(place, async () => {
      await next(null);
      return list.children.length ? [list, more] : nothing(status);
    });
  };
  const next = async (cursor) => {
    const query = new URLSearchParams({ limit: PAGE_SIZE, ...(status && { status }), ...(cursor && { cursor }) });
    const answer = await get(`generations?${query}`);
    answer.generations.forEach((row) => add(generations.know(row)));
    fill(more, answer.nextCursor && button(t("history.more"), () => next(answer.nextCursor)));
  };
  const add = (one) => {
    if (rows.has(one.id)) return;
    const row = new Row(one);
    rows.set(one.id, row);
    list.insertBefore(row.element, [...list.children].find((other) => other.id < one.id) ?? null); // Ids sort by time.
  };
  generations.addEventListener("change", ({ detail: { id, index } }) => {
    if (!rows.has(id) && !status && list.isConnected && generations.of(id).total) add(generations.of(id));
    if (index === undefined) rows.get(id)?.draw();
  }, { signal: leave.signal });

  const states = select(STATES.map((name) => [name, t(`state.${name || "any"}`)]), "", (wanted) => ((status = wanted), show()), { "aria-label": t("history.state"), class: "small" });
  show();
  return { element: page("history", { title: t("nav.generations"), actions: [states] }, place), close: () => leave.abort() };
}

function nothing(status) {
  if (status) return empty("pictures", t("history.noneSuch"), t("history.noneSuchHint"));
  return empty("pictures", t("history.none"), t("history.noneHint"), linkButton(t("pick.title"), "#/pick", { kind: "primary" }));
}
