/** Without a token: what is needed and how to get it. */

import { el } from "../core/dom.js";
import * as token from "../core/token.js";
import { icon } from "../parts/icons.js";
import { t } from "../words/words.js";

export function welcome(reason) {
  const input = el("input", { id: "token", type: "password", required: true, autocomplete: "off", spellcheck: "false" });
  const enter = (event) => {
    event.preventDefault();
    token.keep(input.value);
    location.reload();
  };
  return el("section", { class: "page welcome" },
    el("h1", {}, t("welcome.title")),
    reason && el("p", { class: "error", role: "alert" }, icon("warning"), reason),
    el("p", {}, t("welcome.why")),
    el("ul", { class: "bullets" },
      el("li", {}, t("welcome.link")),
      el("li", {}, t("welcome.make"), " ", el("code", {}, "posegen token --user you"))),
    el("form", { class: "stack", onsubmit: enter },
      el("div", { class: "field" }, el("label", { for: "token" }, t("welcome.token")), input),
      el("button", { class: "primary" }, t("welcome.enter"))),
    el("p", { class: "hint" }, t("welcome.kept")));
}
