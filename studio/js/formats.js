/** The export formats: the usual ones in sight, the rest behind "More formats". */

import { get } from "./api.js";
import { byId, el } from "./dom.js";
import { title } from "./words.js";

const USUAL = ["social_media", "ecommerce"];
const AT_FIRST = new Set(["instagram_feed", "shopee_product"]);

const labels = new Map();

export const labelOf = (name) => labels.get(name) ?? title(name);

export const chosenFormats = () =>
  [...byId("order").querySelectorAll("input[name=format]:checked")].map((box) => box.value);

export async function openFormats() {
  const { formats, useCases } = await get("formats");
  const usual = new Set(USUAL.flatMap((useCase) => useCases[useCase] ?? []));
  for (const format of formats) {
    labels.set(format.name, format.label);
    byId(usual.has(format.name) ? "formats" : "more-formats").append(chip(format));
  }
}

function chip({ name, label, width, height }) {
  const size = width ? `${width} × ${height}` : "";
  return el("label", { class: "chip", title: size },
    el("input", { type: "checkbox", name: "format", value: name, checked: AT_FIRST.has(name) }),
    label);
}
