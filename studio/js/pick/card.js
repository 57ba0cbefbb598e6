/**
 * One pose: chosen with a click, marked with the heart; under the pointer or the focus it shows its skeleton,
 * which is not fetched before, since what is not displayed is not loaded.
 */

import { el } from "../core/dom.js";
import { draft } from "../live/draft.js";
import { mark } from "../live/poses.js";
import { icon } from "../parts/icons.js";
import { tell } from "../parts/notice.js";
import { thumbnail } from "../parts/thumbnail.js";
import { t } from "../words/words.js";

export function card(pose, isFavorite) {
  const bones = el("img", { class: "map", src: pose.controlnetImageUrl, alt: "", width: 256, height: 256, loading: "lazy" });
  const choose = el("button", {
    type: "button", class: "pose", tabindex: -1, "data-pose": pose.id, "aria-pressed": String(draft.has(pose.id)),
    title: pose.description, onclick: () => draft.toggle(pose),
  },
    el("span", { class: "figure" }, thumbnail(pose), bones, el("span", { class: "tick" }, icon("check"))),
    el("span", { class: "name", lang: "en" }, pose.name),
    pose.isPremium && el("span", { class: "badge" }, t("pick.premium")));
  return el("li", {}, choose, heart(pose, isFavorite));
}

function heart(pose, isFavorite) {
  const press = async () => {
    const on = made.getAttribute("aria-pressed") !== "true";
    made.setAttribute("aria-pressed", String(on));
    await mark(pose.id, on).catch((error) => {
      made.setAttribute("aria-pressed", String(!on));
      tell(error);
    });
  };
  const made = el("button", {
    type: "button", class: "heart", tabindex: -1, "aria-pressed": String(isFavorite), "aria-label": t("pick.mark", { name: pose.name }), onclick: press,
  }, icon("heart"));
  return made;
}

export function markChosen(list) {
  for (const button of list.querySelectorAll("[data-pose]")) {
    button.setAttribute("aria-pressed", String(draft.has(button.dataset.pose)));
  }
}
