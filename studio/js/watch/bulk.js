/** What is done with several pictures at once: into one ZIP file, behind one link that others can open. */

import { address, post } from "../core/api.js";
import { el } from "../core/dom.js";
import { button } from "../parts/button.js";
import { dialog } from "../parts/dialog.js";
import { Field } from "../parts/field.js";
import { moment, t } from "../words/words.js";

export function bulk(one, chosen) {
  return [
    button(t("bulk.share"), () => share(one, chosen()), { sign: "share" }),
    button(t("bulk.zip"), () => zip(one, chosen()), { sign: "download", kind: "primary" }),
  ];
}

/** The browser itself fetches it, however large; so it carries a ticket in place of a token. */
async function zip(one, indexes) {
  const { ticket } = await post(`generations/${one.id}/export-zip/ticket`);
  const query = new URLSearchParams({ ticket, items: ranges(indexes) });
  el("a", { href: address(`generations/${one.id}/export-zip?${query}`), download: "" }).click();
}

/** The link is told once; nobody can look it up again. */
async function share(one, indexes) {
  const itemIds = indexes.map((index) => one.items.get(index).id);
  const { url, share: { expiresAt } } = await post(`generations/${one.id}/share`, { itemIds, allowDownload: true });
  const link = el("input", { readonly: true, value: url });
  const copy = async () => {
    link.select();
    await navigator.clipboard?.writeText(url); // On plain http from afar the hand has to copy.
  };
  dialog(t("bulk.share"), el("div", { class: "stack" },
    new Field(t("bulk.link"), link, { hint: t("bulk.until", { time: moment(expiresAt) }) }).element,
    el("div", { class: "actions end" }, button(t("bulk.copy"), copy, { kind: "primary" }))));
}

/** 0,1,2,5 as 0-2,5: five hundred pictures fit into a link. */
export function ranges(indexes) {
  const runs = [];
  for (const index of [...indexes].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last?.[1] === index - 1) last[1] = index;
    else runs.push([index, index]);
  }
  return runs.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(",");
}
