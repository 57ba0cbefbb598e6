/**
 * Which view is in sight: the address says it, so reload, links and the Back button work. A view is a module
 * loaded when first needed. It opens with the address's parameters and gives its element; one that is asked
 * for again with the same key is only told of the new parameters.
 */

import { get as keptOf } from "./kept.js";
import { byId } from "./dom.js";
import { t } from "../words/words.js";

const scrolled = new Map();
let current = null;
let turn = 0;

export function route(routes, { onShow, onFail }) {
  const show = () => go(routes, onShow).catch(onFail);
  addEventListener("hashchange", show);
  return show();
}

export const navigate = (hash) => {
  location.hash = hash;
};

async function go(routes, onShow) {
  const mine = ++turn;
  const { load, params, name } = find(routes);
  const module = await load();
  if (mine !== turn) return; // Somebody went on meanwhile.
  const key = module.key?.(params) ?? name;
  if (current?.key === key) return current.view.update?.(params);
  leave();
  const view = keptOf(key) ?? module.open(params);
  current = { key, view, name };
  byId("main").replaceChildren(view.element);
  view.shown?.();
  onShow(name);
  document.title = `${view.title ?? t(`nav.${name}`)} · Pose Generator`;
  scrollTo(0, scrolled.get(key) ?? 0);
  if (mine > 1) byId("main").focus({ preventScroll: true });
}

function leave() {
  if (!current) return;
  scrolled.set(current.key, scrollY);
  current.view.close?.();
}

function find(routes) {
  const [path] = location.hash.slice(1).split("?");
  const parts = path.split("/").filter(Boolean);
  const found = routes.find(({ path: wanted }) => wanted === (parts[0] ?? "")) ?? routes[0];
  const deeper = parts.length > 1 && found.deeper;
  return { name: found.path, load: deeper || found.load, params: parts.slice(1).map(decodeURIComponent) };
}
