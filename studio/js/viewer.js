/** One picture in large, with its files to download. Asked for afresh each time, since its links expire. */

import { get } from "./api.js";
import { byId, el } from "./dom.js";
import { labelOf } from "./formats.js";
import { tell } from "./notice.js";
import { poseOf } from "./poses.js";
import { size } from "./words.js";

const dialog = byId("viewer");
let shown = [];
let place = 0;

dialog.addEventListener("keydown", ({ key }) => {
  if (key === "ArrowLeft") step(-1);
  if (key === "ArrowRight") step(1);
});
dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());

export function open(items, item) {
  shown = items;
  place = items.indexOf(item);
  show();
}

function step(by) {
  if (!shown[place + by]) return;
  place += by;
  show();
}

async function show() {
  const wanted = shown[place];
  try {
    const { pose: item } = await get(`poses/${wanted.id}`);
    const pose = item.poseId && (await poseOf(item.poseId));
    if (wanted !== shown[place]) return; // Leafed on meanwhile.
    const focus = document.activeElement?.getAttribute("aria-label");
    dialog.replaceChildren(head(item, pose), picture(item, pose), details(item));
    if (!dialog.open) dialog.showModal();
    dialog.querySelector(`button[aria-label="${focus}"]:enabled`)?.focus();
  } catch (error) {
    tell(error);
  }
}

function head(item, pose) {
  const button = (label, sign, onclick, disabled = false) =>
    el("button", { type: "button", class: "quiet", "aria-label": label, onclick, disabled }, sign);
  return el("header", {},
    el("h2", { id: "viewer-title" }, pose?.name ?? `Picture ${item.index + 1}`),
    button("Previous picture", "←", () => step(-1), !shown[place - 1]),
    button("Next picture", "→", () => step(1), !shown[place + 1]),
    button("Close", "✕", () => dialog.close()));
}

function picture(item, pose) {
  return el("img", { class: "large", src: item.outputImageUrl, alt: pose?.description ?? "The generated picture" });
}

function details(item) {
  const files = Object.entries(item.exports);
  return el("div", { class: "details" },
    el("h3", {}, "Downloads"),
    el("ul", { class: "downloads" },
      files.map(([name, file]) => el("li", {}, download(labelOf(name), file.url,
        `${file.width} × ${file.height}, ${size(file.bytes)}`))),
      el("li", {}, download("As generated", item.outputImageUrl, "full size"))),
    item.missingExports.length > 0 && el("p", { class: "problem" },
      `Could not be made: ${item.missingExports.map(labelOf).join(", ")}`),
    el("dl", {}, fact("Prompt", item.promptUsed), fact("Seed", item.seedUsed), fact("Model", item.model)));
}

function download(label, url, about) {
  return el("a", { href: url, download: true, target: "_blank", rel: "noopener" },
    label, el("span", { class: "hint" }, about));
}

function fact(name, value) {
  return value == null ? [] : [el("dt", {}, name), el("dd", {}, value)];
}
