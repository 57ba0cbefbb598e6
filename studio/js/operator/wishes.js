/** Pose requests that wait for an administrator's word. */

import { get, patch } from "../core/api.js";
import { el } from "../core/dom.js";
import { button } from "../parts/button.js";
import { dialog } from "../parts/dialog.js";
import { Field } from "../parts/field.js";
import { empty } from "../parts/page.js";
import { number, t } from "../words/words.js";
import { part } from "./part.js";

export function wishes() {
  const made = part(t("operator.wishes"), () => read(again));
  const again = () => made.look();
  return { element: made.element }; // Not by the clock: a row must not move from under the hand.
}

async function read(again) {
  const { requests } = await get("requests?status=pending&limit=50");
  if (!requests.length) return empty("wishes", t("operator.noWishes"), t("operator.noWishesHint"));
  return el("ol", { class: "rows" }, requests.map((request) => wish(request, again)));
}

function wish(request, again) {
  const approve = async () => {
    await patch(`requests/${request.id}`, { status: "approved" });
    await again();
  };
  return el("li", { class: "wish" },
    el("span", { class: "vote numbers" }, number(request.voteCount)),
    el("div", { class: "wish-text" }, el("strong", {}, request.poseName), el("p", { class: "soft" }, request.description)),
    el("div", { class: "actions" },
      button(t("operator.approve"), approve, { kind: "primary" }),
      button(t("operator.reject"), () => reject(request, again))));
}

function reject(request, again) {
  const note = el("textarea", { rows: 2, maxlength: 2000 });
  const go = async () => {
    await patch(`requests/${request.id}`, { status: "rejected", ...(note.value.trim() && { adminNotes: note.value.trim() }) });
    opened.close();
    await again();
  };
  const opened = dialog(t("operator.reject"), el("div", { class: "stack" },
    new Field(t("operator.why"), note, { hint: t("operator.whyHint") }).element,
    el("div", { class: "actions end" }, button(t("operator.reject"), go, { kind: "danger" }))));
}
