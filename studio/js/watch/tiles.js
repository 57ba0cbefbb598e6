/** The pictures of one generation, a tile for each from the start; a tile fills when its picture's fate is known. */

import { el, fill } from "../core/dom.js";
import { poseAt } from "../live/placed.js";
import { poseOf } from "../live/poses.js";
import { icon } from "../parts/icons.js";
import { has, t } from "../words/words.js";

export class Tiles {
  #shown = new Map();

  constructor(one, onOpen) {
    this.one = one;
    this.onOpen = onOpen;
    this.list = el("ol", { class: "tiles", "aria-label": t("watch.tiles") });
  }

  /** All of them, where something is different from what is shown. */
  draw() {
    const { total } = this.one;
    if (this.list.children.length !== total) {
      this.#shown.clear();
      fill(this.list, Array.from({ length: total }, () => el("li", { class: "tile" })));
    }
    for (let index = 0; index < total; index++) this.show(index);
  }

  show(index) {
    const place = this.list.children[index];
    if (!place) return;
    const item = this.one.items.get(index);
    const looks = JSON.stringify([item?.status, item?.thumbnailUrl, Boolean(item?.isFavorite), this.one.over]);
    if (this.#shown.get(index) === looks) return;
    this.#shown.set(index, looks);
    const focused = place.contains(document.activeElement);
    this.#become(place, index, item);
    if (focused) place.querySelector("button")?.focus();
  }

  /** For ZIP and sharing: a mark on each delivered tile. */
  get delivered() {
    return [...this.one.items.values()].filter(({ status }) => status === "completed").sort((a, b) => a.index - b.index);
  }

  focus(index) {
    this.list.children[index]?.querySelector("button")?.focus();
  }

  #become(place, index, item) {
    if (item?.status === "completed") return this.#done(place, item);
    if (item?.status === "failed") return notDelivered(place, "failed", index, reasonOf(item));
    if (item || this.one.over) return notDelivered(place, "not-made", index, t("tile.notMade"));
    const pose = poseAt(this.one.id, index);
    place.className = "tile waiting";
    fill(place, el("span", { class: "frame" }, pose && el("img", { src: pose.thumbnailUrl, alt: "", onerror: ({ target }) => target.remove() })),
      el("span", { class: "name", lang: pose && "en" }, pose?.name ?? t("tile.picture", { number: index + 1 })));
  }

  #done(place, item) {
    const name = el("span", { class: "name" }, t("tile.picture", { number: item.index + 1 }));
    if (item.poseId) poseOf(item.poseId).then((pose) => pose && (name.textContent = name.title = pose.name, name.lang = "en"));
    place.className = "tile done";
    place.dataset.item = item.index;
    fill(place, el("button", { type: "button", "aria-label": t("tile.open", { number: item.index + 1 }), onclick: () => this.onOpen(item.index) },
      el("span", { class: "frame" },
        el("img", { src: item.thumbnailUrl, alt: "", width: 400, height: 400, loading: "lazy", decoding: "async" }),
        el("span", { class: "tick" }, icon("check")),
        item.isFavorite && el("span", { class: "loved" }, icon("heart")))), name);
  }
}

function notDelivered(place, kind, index, why) {
  place.className = `tile ${kind}`;
  fill(place, el("span", { class: "frame" },
    icon(kind === "failed" ? "warning" : "close"),
    el("strong", {}, t("tile.picture", { number: index + 1 })), el("span", {}, why), el("small", {}, t("tile.refunded"))));
}

const reasonOf = ({ errorCode }) => t(has(`failure.${errorCode}`) ? `failure.${errorCode}` : "failure.INTERNAL");
