/** Another background for a finished picture: ordered once, and told of until it is there or given back. */

import { post } from "../core/api.js";
import { el } from "../core/dom.js";
import { Once } from "../core/once.js";
import { account } from "../live/account.js";
import { backgroundFields } from "../live/draft.js";
import { button } from "../parts/button.js";
import { dialog } from "../parts/dialog.js";
import { icon } from "../parts/icons.js";
import { backgroundPicker } from "../setup/background.js";
import { has, t } from "../words/words.js";

const MODES = ["solid_color", "ai_generate", "upload"];

export const underWay = ({ backgroundChange }) => Boolean(backgroundChange && !backgroundChange.endedAt);

export function background(item, one, onChanged) {
  if (!one.over) return [];
  if (underWay(item)) return el("p", { class: "soft", role: "status" }, t("backdrop.working"));
  const code = item.backgroundChange?.errorCode;
  return [
    code && el("p", { class: "error" }, icon("warning"), t(has(`failure.${code}`) ? `failure.${code}` : "failure.INTERNAL"), " ", t("tile.refunded")),
    button(t("backdrop.change"), () => ask(item, onChanged), { sign: "layers" }),
  ];
}

function ask(item, onChanged) {
  const placing = new Once(`background.${item.id}`);
  let wanted = { mode: "solid_color", color: "#ffffff", prompt: "", image: null };
  const picker = backgroundPicker(() => wanted, (changed) => (wanted = { ...wanted, ...changed }), MODES);
  const go = async () => {
    for (const field of Object.values(picker.fields)) field.complain("");
    const { useBackgroundChanger, ...body } = backgroundFields(wanted);
    try {
      await placing.send(JSON.stringify(body), (headers) => post(`poses/${item.id}/background`, body, { headers }));
    } catch (error) {
      const field = error.code === "INVALID_PROMPT" ? "backgroundPrompt" : error.fields[0]?.name;
      if (!picker.fields[field]) throw error;
      return picker.fields[field].complain(error.message);
    }
    opened.close();
    account.refresh();
    onChanged();
  };
  const opened = dialog(t("backdrop.change"), el("div", { class: "stack" }, picker.element,
    el("p", { class: "hint" }, t("backdrop.price")),
    el("div", { class: "actions end" }, button(t("backdrop.go"), go, { kind: "primary" }))));
}
