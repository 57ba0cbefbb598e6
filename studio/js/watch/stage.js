/** The picture itself: closer with a click or the keys + and -, and before and after where there is a before. */

import { el } from "../core/dom.js";
import { button } from "../parts/button.js";
import { t } from "../words/words.js";

export function stage(item, pose) {
  const picture = el("img", { class: "large", src: item.outputImageUrl, alt: pose?.description ?? t("viewer.picture"), lang: pose && "en" });
  const before = item.originalImageUrl && item.originalImageUrl !== item.outputImageUrl && el("img", { class: "large before", src: item.originalImageUrl, alt: "" });
  const canvas = el("div", { class: "canvas" }, picture, before);
  const scroll = el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": t("viewer.stage") }, canvas);
  const zoom = button(t("viewer.zoom"), () => toggle(), { kind: "bare", sign: "zoom", "aria-pressed": "false" });
  const toggle = (on = !scroll.classList.contains("zoomed")) => {
    scroll.classList.toggle("zoomed", on);
    zoom.setAttribute("aria-pressed", String(on));
  };
  canvas.addEventListener("click", (event) => zoomAt(scroll, event, toggle));
  scroll.addEventListener("keydown", ({ key }) => {
    if (key === "+" || key === "=") toggle(true);
    if (key === "-") toggle(false);
  });
  return el("div", { class: "stage" }, scroll, el("div", { class: "stage-bar" }, zoom, before && compare(before)));
}

/** What was under the pointer stays in sight. */
function zoomAt(scroll, { clientX, clientY }, toggle) {
  const box = scroll.getBoundingClientRect();
  toggle();
  scroll.scrollTo((scroll.scrollWidth - box.width) * ((clientX - box.left) / box.width), (scroll.scrollHeight - box.height) * ((clientY - box.top) / box.height));
}

function compare(before) {
  const slide = el("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": t("viewer.compare") });
  const draw = () => before.style.setProperty("--until", `${slide.value}%`);
  slide.addEventListener("input", draw);
  draw();
  return el("div", { class: "compare" }, el("span", { class: "hint" }, t("viewer.before")), slide, el("span", { class: "hint" }, t("viewer.after")));
}
