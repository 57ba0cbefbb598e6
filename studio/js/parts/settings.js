/** Language, theme and signing out, in a small window of the rail. */

import { el } from "../core/dom.js";
import * as token from "../core/token.js";
import { LANGUAGES, choose, language, t } from "../words/words.js";
import { button } from "./button.js";
import { dialog } from "./dialog.js";
import { Field, select } from "./field.js";

const THEMES = ["auto", "light", "dark"];

export const settings = (bearer) =>
  button(t("settings.title"), () => open(bearer), { kind: "bare settings", sign: "settings" });

function open(bearer) {
  const themes = THEMES.map((name) => [name, t(`theme.${name}`)]);
  const root = document.documentElement;
  dialog(t("settings.title"), el("div", { class: "stack" },
    new Field(t("settings.language"), select(Object.entries(LANGUAGES), language, choose)).element,
    new Field(t("settings.theme"), select(themes, root.dataset.theme, setTheme)).element,
    el("p", { class: "soft" }, t("settings.user"), " ", el("strong", {}, bearer.id)),
    el("div", { class: "actions" },
      el("a", { class: "button", href: "docs", target: "_blank", rel: "noopener" }, t("settings.docs")),
      button(t("settings.out"), () => token.forget()))));
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  localStorage.setItem("posegen.theme", name);
}
