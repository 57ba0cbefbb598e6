/** The chosen poses beside the order; a click takes one out again. */

import { byId, el } from "./dom.js";
import { selection } from "./selection.js";

export function openTray() {
  byId("clear").addEventListener("click", () => selection.clear());
  selection.addEventListener("change", draw);
}

function draw() {
  byId("tray").replaceChildren(...selection.list.map(chip));
  byId("tray").hidden = byId("clear").hidden = selection.size === 0;
  byId("tray-hint").hidden = selection.size > 0;
}

function chip(pose, place) {
  const remove = () => {
    selection.toggle(pose);
    const rest = byId("tray").querySelectorAll("button");
    (rest[Math.min(place, rest.length - 1)] ?? byId("search")).focus();
  };
  return el("li", {},
    el("button", { type: "button", title: pose.name, "aria-label": `Remove ${pose.name}`, onclick: remove },
      el("img", { src: pose.thumbnailUrl, alt: "", width: 56, height: 56 })));
}
