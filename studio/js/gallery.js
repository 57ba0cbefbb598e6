/** The pose library: searched, filtered, page by page; a click chooses a pose. */

import { get, latest } from "./api.js";
import { Categories } from "./categories.js";
import { byId, debounced, el } from "./dom.js";
import { tell } from "./notice.js";
import { remember } from "./poses.js";
import { selection } from "./selection.js";
import { thumbnail } from "./thumbnails.js";
import { plural } from "./words.js";

const PAGE_SIZE = 24;
const TYPING_MS = 250;

const categories = new Categories(() => show(1));
const ask = latest((signal, query) => get(`library?${query}`, { signal }));
let page = 1;

export function openGallery() {
  byId("search").addEventListener("input", debounced(() => show(1), TYPING_MS));
  byId("more-poses").addEventListener("click", () => show(page + 1));
  selection.addEventListener("change", markChosen);
  categories.load().catch(tell);
  show(1);
}

async function show(wanted) {
  byId("gallery").setAttribute("aria-busy", "true");
  try {
    const found = await ask(query(wanted));
    if (found) draw(found, wanted);
  } catch (error) {
    tell(error);
  }
}

function query(wanted) {
  const search = byId("search").value.trim();
  return new URLSearchParams({
    page: wanted,
    limit: PAGE_SIZE,
    ...(search && { search }),
    ...(categories.chosen && { category: categories.chosen }),
  });
}

function draw({ poses, pagination }, shown) {
  page = shown;
  poses.forEach(remember);
  const tiles = poses.map(tile);
  const gallery = byId("gallery");
  if (page === 1) gallery.replaceChildren(...tiles);
  else gallery.append(...tiles);
  gallery.removeAttribute("aria-busy");
  byId("found").textContent = pagination.total
    ? plural(pagination.total, "pose")
    : "No pose fits. Try other words or another category.";
  byId("more-poses").hidden = page >= pagination.totalPages;
  if (page > 1) tiles[0]?.firstChild.focus();
}

function tile(pose) {
  return el("li", {},
    el("button", {
      type: "button",
      class: "pose",
      title: pose.description,
      "data-pose": pose.id,
      "aria-pressed": String(selection.has(pose.id)),
      onclick: () => selection.toggle(pose),
    },
      thumbnail(pose.thumbnailUrl),
      el("span", { class: "name" }, pose.name),
      pose.isPremium && el("span", { class: "badge" }, "Premium")));
}

function markChosen() {
  for (const button of byId("gallery").querySelectorAll("[data-pose]")) {
    button.setAttribute("aria-pressed", String(selection.has(button.dataset.pose)));
  }
}
