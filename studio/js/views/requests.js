/** Poses that users wish for: ask for one, vote for those of others. */

import { get, post } from "../core/api.js";
import { el, fill } from "../core/dom.js";
import { button } from "../parts/button.js";
import { dialog } from "../parts/dialog.js";
import { Field, select } from "../parts/field.js";
import { news } from "../parts/notice.js";
import { empty, load, page } from "../parts/page.js";
import { named, number, t } from "../words/words.js";

const USES = ["", "e-commerce", "professional", "social"];
const PAGE_SIZE = 50;

export function open() {
  const place = el("div", {});
  const show = () => load(place, list);
  show();
  return { element: page("requests", { title: t("nav.requests"), intro: t("requests.intro"), actions: [button(t("requests.ask"), () => ask(show), { kind: "primary", sign: "plus" })] }, place) };
}

async function list() {
  const { requests } = await get(`requests?limit=${PAGE_SIZE}`);
  if (!requests.length) return empty("wishes", t("requests.none"), t("requests.noneHint"));
  return el("ol", { class: "rows" }, requests.map(wish));
}

function wish(request) {
  const place = el("li", { class: "wish", "data-status": request.status });
  const draw = (now) => fill(place,
    vote(now, draw),
    el("div", { class: "wish-text" }, el("strong", {}, now.poseName), el("p", { class: "soft" }, now.description),
      now.adminNotes && el("p", { class: "hint" }, now.adminNotes)),
    el("span", { class: "state" }, named("requestState", now.status, now.status)));
  draw(request);
  return place;
}

function vote(request, draw) {
  const closed = ["rejected", "completed"].includes(request.status);
  const press = async () => draw((await post(`requests/${request.id}/vote`)).request);
  return el("div", { class: "vote" },
    button("", press, { sign: "up", name: t(request.hasVoted ? "requests.voted" : "requests.vote", { name: request.poseName }), "aria-pressed": String(request.hasVoted), disabled: closed || request.hasVoted }),
    el("span", { class: "numbers" }, number(request.voteCount), el("span", { class: "unseen" }, ` ${t("requests.votes", { count: request.voteCount })}`)));
}

function ask(onMade) {
  const name = el("input", { maxlength: 200, placeholder: t("requests.nameExample"), autocomplete: "off" });
  const words = el("textarea", { rows: 3, maxlength: 2000, placeholder: t("requests.wordsExample") });
  const fields = { poseName: new Field(t("requests.name"), name), description: new Field(t("requests.words"), words) };
  let useCase = "";
  const uses = select(USES.map((value) => [value, t(`use.${value || "any"}`)]), "", (value) => (useCase = value));
  const send = async () => {
    fields.poseName.complain(name.value.trim() ? "" : t("wrong.poseName"));
    fields.description.complain(words.value.trim().length >= 3 ? "" : t("wrong.description"));
    const wrong = Object.values(fields).find(({ control }) => control.hasAttribute("aria-invalid"));
    if (wrong) return wrong.control.focus();
    try {
      await post("requests", { poseName: name.value.trim(), description: words.value.trim(), ...(useCase && { useCase }) });
    } catch (error) {
      if (error.code !== "INVALID_PROMPT" && !error.fields.length) throw error;
      return fields.description.complain(error.message);
    }
    opened.close();
    news(t("requests.sent"));
    onMade();
  };
  const opened = dialog(t("requests.ask"), el("div", { class: "stack" }, fields.poseName.element, fields.description.element,
    new Field(t("requests.use"), uses, { optional: t("ui.optional") }).element,
    el("div", { class: "actions end" }, button(t("requests.send"), send, { kind: "primary" }))));
}
