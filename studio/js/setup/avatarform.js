/** A new avatar: a few words about how it looks, and a picture if there is one. */

import { el } from "../core/dom.js";
import { addAvatar } from "../live/avatars.js";
import { draft } from "../live/draft.js";
import { button } from "../parts/button.js";
import { dialog } from "../parts/dialog.js";
import { Field, select } from "../parts/field.js";
import { upload } from "../parts/upload.js";
import { t } from "../words/words.js";

const GENDERS = ["female", "male", "non-binary"];
const AGES = ["18-24", "25-34", "35-44", "45-54", "55-64", "65+"];
const IN_WORDS = ["ethnicity", "bodyType", "style"];

export function makeAvatar(draw) {
  const wanted = {};
  const fields = {
    name: new Field(t("avatar.name"), input("name", 200)),
    gender: choice("gender", GENDERS.map((value) => [value, t(`avatar.${value}`)])),
    ageRange: choice("ageRange", AGES.map((value) => [value, value])),
    ...Object.fromEntries(IN_WORDS.map((trait) => [trait, new Field(t(`avatar.${trait}`), input(trait, 60), { optional: t("ui.optional") })])),
    imageUrl: upload(t("avatar.picture"), "avatar", (file) => (wanted.imageUrl = file.id)),
  };

  function input(trait, maxlength) {
    return el("input", { maxlength, autocomplete: "off", oninput: ({ target }) => (wanted[trait] = target.value.trim()) });
  }

  function choice(trait, options) {
    return new Field(t(`avatar.${trait}`), select([["", t("avatar.any")], ...options], "", (value) => (wanted[trait] = value)));
  }

  const save = async () => {
    for (const field of Object.values(fields)) field.complain("");
    if (!wanted.name) return fields.name.complain(t("wrong.avatarName"));
    try {
      const made = await addAvatar(Object.fromEntries(Object.entries(wanted).filter(([, value]) => value)));
      draft.set({ avatarId: made.id });
    } catch (error) {
      if (!error.fields.some(({ name }) => name in fields)) throw error;
      return error.fields.forEach(({ name, message }) => fields[name]?.complain(message));
    }
    await draw();
    opened.close();
  };

  const { name, imageUrl, ...traits } = fields;
  const opened = dialog(t("avatar.new"), el("div", { class: "stack" }, name.element,
    el("div", { class: "pairs" }, Object.values(traits).map(({ element }) => element)), imageUrl.element,
    el("div", { class: "actions end" }, button(t("avatar.make"), save, { kind: "primary" }))));
}
