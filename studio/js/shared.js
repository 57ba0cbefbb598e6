/** The pictures of a public link, for whoever was given it. The page knows that link and nothing else. */

import { byId, el, fill } from "./core/dom.js";

const WORDS = {
  en: {
    title: "Shared pictures", pictures: { one: "1 picture", other: "{count} pictures" }, until: "Until {moment}",
    gone: "This link does not work. It may have expired, or whoever sent it has taken it back.",
    away: "The pictures cannot be loaded just now. Try again in a moment.",
    picture: "Picture {number}", open: "Picture {number}, open in large", previous: "Previous", next: "Next",
    download: "Download", close: "Close",
  },
  id: {
    title: "Foto yang dibagikan", pictures: { other: "{count} foto" }, until: "Sampai {moment}",
    gone: "Tautan ini tidak berlaku. Mungkin sudah kedaluwarsa atau ditarik kembali oleh pengirimnya.",
    away: "Foto belum bisa dimuat. Coba lagi sebentar lagi.",
    picture: "Foto {number}", open: "Foto {number}, buka ukuran besar", previous: "Sebelumnya", next: "Berikutnya",
    download: "Unduh", close: "Tutup",
  },
};
const FRESH_MS = 10 * 60 * 1000; // The addresses of the pictures end sooner than the link.

const language = navigator.languages.map((wish) => wish.slice(0, 2)).find((known) => known in WORDS) ?? "en";
const plurals = new Intl.PluralRules(language);
const moments = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });
const token = location.pathname.split("/").pop();
const address = new URL(`../api/apps/pose-generator/shared/${token}`, document.baseURI);
const dialog = byId("large");
let pictures = [];
let loadedAt = -Infinity;
let place = 0;

function say(name, values = {}) {
  const found = WORDS[language][name];
  const text = typeof found === "string" ? found : (found[plurals.select(values.count)] ?? found.other);
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

async function load() {
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok) return fail(answer?.status === 404 ? "gone" : "away");
  const shared = await answer.json();
  pictures = shared.pictures;
  loadedAt = performance.now();
  byId("said").hidden = true;
  const until = say("until", { moment: moments.format(new Date(shared.expiresAt)) });
  fill(byId("until"), `${say("pictures", { count: pictures.length })} · ${until}`);
  fill(byId("pictures"), pictures.map(tile));
}

function fail(why) {
  pictures = [];
  dialog.close();
  fill(byId("until"));
  fill(byId("pictures"));
  fill(byId("said"), say(why)).hidden = false;
}

/** Whoever leaves the page open and comes back gets new addresses, or learns that the link has ended. */
const loadIfOld = () => (performance.now() - loadedAt > FRESH_MS ? load() : null);

function tile({ number, thumbnailUrl }, index) {
  const image = el("img", { src: thumbnailUrl, alt: "", width: 400, height: 400, loading: "lazy", onerror: loadIfOld });
  return el("li", {}, el("button", { type: "button", "aria-label": say("open", { number }), onclick: () => open(index) }, image));
}

async function open(index) {
  place = index;
  await loadIfOld();
  const picture = pictures[place];
  if (!picture) return;
  const held = document.activeElement?.dataset.step;
  const name = say("picture", { number: picture.number });
  fill(dialog, el("header", {},
    el("h2", { id: "large-title" }, `${place + 1} / ${pictures.length}`),
    picture.downloadUrl && el("a", { class: "button", href: picture.downloadUrl, download: true }, say("download")),
    step("previous", "←", -1), step("next", "→", 1),
    el("button", { type: "button", "aria-label": say("close"), onclick: () => dialog.close() }, "✕")),
  el("img", { src: picture.url, alt: name }));
  dialog.setAttribute("aria-label", name);
  if (!dialog.open) dialog.showModal();
  dialog.querySelector(`[data-step="${held}"]:enabled`)?.focus();
}

function step(name, sign, by) {
  const onclick = () => open(place + by);
  return el("button", { type: "button", "aria-label": say(name), "data-step": name, disabled: !pictures[place + by], onclick }, sign);
}

dialog.addEventListener("keydown", ({ key }) => {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (by && pictures[place + by]) open(place + by);
});

document.documentElement.lang = language;
document.title = byId("title").textContent = say("title");
load();
