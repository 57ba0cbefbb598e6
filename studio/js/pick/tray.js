/** The chosen poses at the lower edge, with their number and price; a click takes one out again. */

import { el, fill } from "../core/dom.js";
import { draft } from "../live/draft.js";
import { quote } from "../live/quote.js";
import { button, linkButton } from "../parts/button.js";
import { icon } from "../parts/icons.js";
import { thumbnail } from "../parts/thumbnail.js";
import { t } from "../words/words.js";

export function tray() {
  const list = el("ul", { class: "tray-poses", "aria-label": t("tray.chosen") });
  const count = el("strong", {});
  const price = el("span", { class: "soft" });
  const element = el("aside", { class: "tray", "aria-label": t("tray.label") },
    list,
    el("p", { role: "status" }, count, " ", price),
    button(t("tray.clear"), () => draft.set({ poses: [] }), { kind: "bare" }),
    linkButton(t("tray.next"), "#/setup", { kind: "primary" }));
  const drawPoses = () => {
    const { poses } = draft.now;
    fill(list, poses.map((pose, place) => chip(pose, place, list)));
    count.textContent = t("tray.count", { count: poses.length });
    element.classList.toggle("away", poses.length === 0);
    element.inert = poses.length === 0;
  };
  draft.addEventListener("change", ({ detail }) => detail.includes("poses") && drawPoses());
  quote.addEventListener("change", () => (price.textContent = priceText()));
  drawPoses();
  if (!draft.isEmpty) quote.refresh();
  return element;
}

function priceText() {
  if (quote.state === "refused") return quote.error.message;
  if (quote.state !== "priced") return "…";
  const { totalPosesExpected, creditCost } = quote.priced;
  return t("tray.price", { pictures: t("pictures", { count: totalPosesExpected }), credits: t("credits", { count: creditCost }) });
}

function chip(pose, place, list) {
  const remove = () => {
    draft.toggle(pose);
    const rest = list.querySelectorAll("button");
    (rest[Math.min(place, rest.length - 1)] ?? document.getElementById("search"))?.focus();
  };
  return el("li", {},
    el("button", { type: "button", title: pose.name, "aria-label": t("tray.remove", { name: pose.name }), onclick: remove },
      thumbnail(pose, 44, true), icon("close")));
}
