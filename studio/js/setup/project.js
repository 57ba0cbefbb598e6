/** Which project the pictures go to; a new one is made on the spot. */

import { el, fill } from "../core/dom.js";
import { draft } from "../live/draft.js";
import { addProject, projects } from "../live/projects.js";
import { button } from "../parts/button.js";
import { dialog } from "../parts/dialog.js";
import { Field, select } from "../parts/field.js";
import { tell } from "../parts/notice.js";
import { t } from "../words/words.js";
import { section } from "./section.js";

export function projectSection() {
  const list = select([], "", (projectId) => draft.set({ projectId }));
  const field = new Field(t("setup.project"), list, { unseen: true });
  const draw = async () => {
    const known = await projects();
    fill(list, known.length
      ? known.map(({ id, projectName }) => el("option", { value: id }, projectName))
      : el("option", { value: "" }, t("project.first")));
    list.value = draft.now.projectId ?? known[0]?.id ?? "";
  };
  draw().catch(tell);
  return section(t("setup.project"), { projectId: field },
    el("div", { class: "beside" }, field.element, button(t("project.new"), () => make(draw), { sign: "plus" })));
}

function make(draw) {
  const name = el("input", { maxlength: 200, required: true, autocomplete: "off" });
  const about = el("textarea", { maxlength: 2000, rows: 2 });
  const field = new Field(t("project.name"), name);
  const save = async () => {
    field.complain(name.value.trim() ? "" : t("wrong.projectName"));
    if (!name.value.trim()) return name.focus();
    await addProject({ projectName: name.value.trim(), ...(about.value.trim() && { description: about.value.trim() }) });
    await draw();
    opened.close();
  };
  const opened = dialog(t("project.new"), el("div", { class: "stack" }, field.element,
    new Field(t("project.about"), about, { optional: t("ui.optional") }).element,
    el("div", { class: "actions end" }, button(t("project.make"), save, { kind: "primary" }))));
}
