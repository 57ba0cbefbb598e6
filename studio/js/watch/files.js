/** A picture's files: downloaded under names of their own, made again where they are missing, and in other formats. */

import { post } from "../core/api.js";
import { el } from "../core/dom.js";
import { formats, labelOf } from "../live/formats.js";
import { button } from "../parts/button.js";
import { select } from "../parts/field.js";
import { icon } from "../parts/icons.js";
import { tell } from "../parts/notice.js";
import { size, t } from "../words/words.js";

export function files(item, onChanged) {
  const made = Object.entries(item.exports);
  const again = async (formatName) => onChanged((await post(`poses/${item.id}/regenerate-export`, { formatName })).pose);
  return [
    el("ul", { class: "downloads" },
      made.map(([name, file]) => el("li", {}, download(item, name, labelOf(name), `${file.width} × ${file.height} · ${size(file.bytes)}`))),
      el("li", {}, download(item, "original", t("viewer.original"), t("viewer.full")))),
    item.missingExports.length > 0 && el("div", { class: "missing" },
      el("p", { class: "error" }, icon("warning"), t("files.missing")),
      item.missingExports.map((name) => button(t("files.again", { format: labelOf(name) }), () => again(name), { sign: "again" }))),
    others(made.map(([name]) => name), again),
  ];
}

function download(item, formatName, label, about) {
  const get = async () => {
    const { url, fileName } = await post(`poses/${item.id}/download`, { formatName });
    el("a", { href: url, download: fileName }).click();
  };
  const made = button(label, get, { sign: "download" });
  made.append(el("span", { class: "hint numbers" }, about));
  return made;
}

/** Any other format is made on demand and then among the files. */
function others(made, again) {
  const place = el("div", {});
  formats().then(({ formats: all }) => {
    const rest = all.filter(({ name }) => name !== "original" && !made.includes(name));
    const ask = (name) => name && again(name).catch(tell);
    place.append(select([["", t("files.other")], ...rest.map(({ name }) => [name, labelOf(name)])], "", ask, { "aria-label": t("files.other"), class: "small" }));
  }, tell);
  return place;
}
