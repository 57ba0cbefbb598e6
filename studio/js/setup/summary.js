/** The price as the service states it, and the button that places the order, exactly once. */

import { post } from "../core/api.js";
import { el, fill } from "../core/dom.js";
import { Once } from "../core/once.js";
import { draft } from "../live/draft.js";
import { generations } from "../live/generations.js";
import { remembered } from "../live/placed.js";
import { projectId } from "../live/projects.js";
import { quote } from "../live/quote.js";
import { button } from "../parts/button.js";
import { icon } from "../parts/icons.js";
import { news } from "../parts/notice.js";
import { duration, t } from "../words/words.js";

const placing = new Once("generate");

export function summary(onPlaced, signal) {
  const lines = el("div", { class: "quote", role: "status" });
  const place = button(t("summary.go"), () => order(onPlaced), { kind: "primary", id: "generate" });
  const draw = () => {
    fill(lines, said());
    place.setAttribute("aria-disabled", String(!quote.orderable));
  };
  quote.addEventListener("change", draw, { signal });
  draw();
  return el("aside", { class: "summary", "aria-label": t("summary.title") }, el("h2", {}, t("summary.title")), lines, place);
}

async function order(onPlaced) {
  const wanted = { ...draft.order(), projectId: await projectId() };
  try {
    const answer = await placing.send(JSON.stringify(wanted), (headers) => post("generate", wanted, { headers }));
    remembered(answer.generationId, draft.now.poses, wanted.batchSize);
    generations.know({ id: answer.generationId, status: answer.status, totalExpectedPoses: answer.totalPosesExpected, creditCharged: answer.creditCharged, posesCompleted: 0, posesFailed: 0, creditRefunded: 0, prompt: wanted.prompt, textPrompt: wanted.textPrompt, createdAt: new Date().toISOString(), outputFormats: wanted.outputFormats, seed: wanted.seed });
    draft.done();
    news(t("summary.placed", { count: answer.totalPosesExpected }));
    onPlaced(answer.generationId);
  } finally {
    quote.refresh();
  }
}

function said() {
  if (quote.state === "refused") return problem(quote.error.fields.length ? t("summary.wrong") : quote.error.message);
  if (!quote.priced) return el("p", { class: "soft" }, t("summary.asking"));
  const { totalPosesExpected: pictures, creditCost: cost, balance, affordable, estimatedCompletionTime } = quote.priced;
  const seconds = (new Date(estimatedCompletionTime) - Date.now()) / 1000;
  return [
    line(t("pictures", { count: pictures }), t("credits", { count: cost }), "price"),
    line(t("summary.balance"), t("credits", { count: balance })),
    affordable && cost > 0 && line(t("summary.after"), t("credits", { count: balance - cost })),
    affordable && line(t("summary.ready"), t("summary.about", { time: duration(seconds) })),
    !affordable && problem(cost ? t("summary.short", { count: cost - balance }) : t("summary.quota")),
  ];
}

const problem = (text) => el("p", { class: "error" }, icon("warning"), text);
const line = (name, value, kind = "") => el("p", { class: `line ${kind}` }, el("span", {}, name), el("span", { class: "numbers" }, value));
