/** Whose pictures they are: one of the user's avatars, or a new one, drawn up here or uploaded as a picture. */

import { el, fill } from "../core/dom.js";
import { draft } from "../live/draft.js";
import { avatars } from "../live/avatars.js";
import { icon } from "../parts/icons.js";
import { tell } from "../parts/notice.js";
import { t } from "../words/words.js";
import { makeAvatar } from "./avatarform.js";
import { section } from "./section.js";

export function avatarSection() {
  const list = el("div", { class: "avatars", role: "radiogroup", "aria-label": t("setup.avatar") });
  const wrong = el("p", { class: "error", role: "alert", hidden: true });
  const field = { complain: (text) => (fill(wrong, text), (wrong.hidden = !text)) };
  const draw = async () => {
    const known = await avatars();
    const none = choice({ id: null, name: t("avatar.none") });
    const add = el("button", { type: "button", class: "avatar add", onclick: () => makeAvatar(draw) }, icon("plus"), t("avatar.new"));
    fill(list, none, known.map(choice), add);
  };
  draw().catch(tell);
  return section(t("setup.avatar"), { avatarId: field }, el("p", { class: "hint" }, t("avatar.hint")), list, wrong);
}

function choice({ id, name, imageUrl }) {
  return el("label", { class: "avatar" },
    el("input", { type: "radio", name: "avatar", checked: draft.now.avatarId === id, onchange: () => draft.set({ avatarId: id }) }),
    imageUrl ? el("img", { src: imageUrl, alt: "", width: 56, height: 56 }) : el("span", { class: "face" }, icon("pose")),
    el("span", {}, name));
}
