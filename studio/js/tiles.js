/** The pictures of one generation, a tile for each from the start; a tile fills when its picture's fate is known. */

import { el } from "./dom.js";
import { poseOf } from "./poses.js";
import { open } from "./viewer.js";

export class Tiles {
  /** `poseAt` knows what pose a picture will have, where this page placed the order itself. */
  constructor(list) {
    this.list = list;
    this.items = new Map();
    this.poseAt = () => undefined;
  }

  reset(total) {
    this.items.clear();
    const waiting = Array.from({ length: total }, (_, index) => this.#waiting(index));
    this.list.replaceChildren(...waiting);
  }

  get size() {
    return this.list.children.length;
  }

  show(item) {
    this.items.set(item.index, item);
    const place = this.list.children[item.index];
    const tile = item.status === "completed" ? this.#done(item) : item.status === "failed" ? failed(item) : notMade();
    const focused = place.contains(document.activeElement);
    place.replaceWith(tile);
    if (focused) tile.querySelector("button")?.focus();
  }

  /** The generation is over: what has no picture by now gets none. */
  close() {
    for (const tile of this.list.querySelectorAll(".waiting")) tile.replaceWith(notMade());
  }

  #waiting(index) {
    const pose = this.poseAt(index);
    return el("li", { class: "tile waiting" },
      pose ? el("img", { src: pose.thumbnailUrl, alt: "" }) : el("div", { class: "blank" }),
      el("span", { class: "name" }, pose?.name ?? `Picture ${index + 1}`));
  }

  #done(item) {
    const name = el("span", { class: "name" }, `Picture ${item.index + 1}`);
    if (item.poseId) poseOf(item.poseId).then((pose) => pose && (name.textContent = name.title = pose.name));
    return el("li", { class: "tile done" },
      el("button", { type: "button", onclick: () => open(this.#delivered(), item) },
        el("img", { src: item.thumbnailUrl, alt: "", width: 400, height: 400, loading: "lazy", decoding: "async" }),
        name));
  }

  #delivered() {
    return [...this.items.values()].filter((item) => item.status === "completed").sort((a, b) => a.index - b.index);
  }
}

function failed(item) {
  return el("li", { class: "tile failed" },
    el("strong", {}, `Picture ${item.index + 1} failed`),
    el("span", {}, item.error ?? "Something went wrong on our side."),
    el("small", {}, "Refunded."));
}

function notMade() {
  return el("li", { class: "tile not-made" }, el("span", {}, "Not made"), el("small", {}, "Refunded."));
}
