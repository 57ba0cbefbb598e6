/** Which part of the Studio is in sight: the address says it, so links and the Back button work. */

import { byId } from "./dom.js";

const VIEWS = ["poses", "pictures"];
const scrolledTo = {};
let current = null;

export function openViews() {
  addEventListener("hashchange", show);
  byId("welcome").hidden = true;
  byId("nav").hidden = false;
  show();
}

export function closeViews() {
  for (const name of VIEWS) byId(`${name}-view`).hidden = true;
  byId("nav").hidden = true;
  byId("balance").hidden = true;
  byId("welcome").hidden = false;
}

export function go(view) {
  scrolledTo[view] = 0;
  location.hash = view;
}

function show() {
  const wanted = location.hash.slice(1);
  const view = VIEWS.includes(wanted) ? wanted : VIEWS[0];
  if (current) scrolledTo[current] = scrollY;
  for (const name of VIEWS) {
    byId(`${name}-view`).hidden = name !== view;
    const link = byId("nav").querySelector(`[href="#${name}"]`);
    if (name === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  scrollTo(0, scrolledTo[view] ?? 0);
  current = view;
}
