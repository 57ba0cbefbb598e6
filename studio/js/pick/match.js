/** The pose of the library that the words come nearest to, and how sure the service is of it. */

import { el, fill } from "../core/dom.js";
import { draft } from "../live/draft.js";
import { poseOf } from "../live/poses.js";
import { quote } from "../live/quote.js";
import { empty } from "../parts/page.js";
import { thumbnail } from "../parts/thumbnail.js";
import { number, t } from "../words/words.js";

export function match(words) {
  const place = el("aside", { class: "match", "aria-label": t("match.label"), "aria-live": "polite" });
  let shown;
  const draw = async () => {
    const found = draft.isText && words.value.trim() ? quote.priced?.generatedPoseStructure : null;
    const wanted = found?.poseId ?? null;
    if (wanted === shown) return;
    shown = wanted;
    const pose = wanted && (await poseOf(wanted));
    if (wanted !== shown) return; // Typed on meanwhile.
    fill(place, pose ? matched(pose, found) : empty("bones", t("match.none"), t("match.noneHint")));
  };
  quote.addEventListener("change", () => quote.state === "priced" && draw());
  draw();
  return place;
}

function matched(pose, { confidence, used }) {
  return [
    el("h2", {}, t("match.title")),
    el("span", { class: "figure" }, thumbnail(pose),
      el("img", { class: "map", src: pose.controlnetImageUrl, alt: "", width: 256, height: 256 })),
    el("p", {}, el("strong", { lang: "en" }, pose.name), el("br"), el("span", { class: "hint" },
      used ? t("match.used", { percent: number(Math.round(confidence * 100)) }) : t("match.unused"))),
  ];
}
