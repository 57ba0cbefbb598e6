/** The pose library as a gallery, with the chosen poses at the lower edge. Stays as it was left. */

import { el } from "../core/dom.js";
import { keep } from "../core/kept.js";
import { Categories } from "../pick/categories.js";
import { Filters } from "../pick/filters.js";
import { Gallery } from "../pick/gallery.js";
import { modes } from "../pick/modes.js";
import { tray } from "../pick/tray.js";
import { page } from "../parts/page.js";
import { t } from "../words/words.js";

export function open() {
  const gallery = new Gallery();
  const show = () => gallery.show({ ...filters.wanted, ...(categories.chosen && { category: categories.chosen }) });
  const filters = new Filters(show, (on) => gallery.showBones(on));
  const categories = new Categories(show);
  const element = page("pick", { title: t("pick.title"), actions: [modes("pick")] },
    filters.element,
    el("div", { class: "library" }, categories.element, gallery.element),
    tray());
  show();
  return keep("pick", { element });
}
