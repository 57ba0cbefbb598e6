/** One generation: its pictures as a grid that fills while it runs, and what can be done with them after. */

import { el } from "../core/dom.js";
import { navigate } from "../core/router.js";
import { generations } from "../live/generations.js";
import { linkButton } from "../parts/button.js";
import { failed, page } from "../parts/page.js";
import { t } from "../words/words.js";
import { Head } from "../watch/head.js";
import { Selection } from "../watch/selection.js";
import { Tiles } from "../watch/tiles.js";
import { Viewer } from "../watch/viewer.js";

export const key = ([id]) => `generations/${id}`;

export function open([id, index]) {
  const one = generations.of(id);
  const leave = new AbortController();
  const tiles = new Tiles(one, (at) => navigate(`#/generations/${id}/${at}`));
  const viewer = new Viewer(one, {
    onStep: (at) => history.replaceState(null, "", `#/generations/${id}/${at}`),
    onClose: (at) => {
      if (location.hash.startsWith(`#/generations/${id}/`)) navigate(`#/generations/${id}`);
      tiles.focus(at);
    },
    onItem: (item) => tiles.show(item.index),
  });
  const selection = new Selection(one, tiles);
  const head = new Head(one, selection);
  const trouble = el("div", {});
  const element = page("watch", { title: head.title, actions: [linkButton(t("watch.all"), "#/generations", { kind: "bare", sign: "left" })] },
    head.element, trouble, selection.bar, tiles.list, head.facts);

  const draw = ({ index: changed, ended } = {}) => {
    head.draw();
    if (changed === undefined) tiles.draw();
    else tiles.show(changed);
    if (ended) read();
  };
  const read = async () => {
    try {
      await generations.read(id);
      trouble.replaceChildren();
      if (index !== undefined && !viewer.isOpen) viewer.open(Number(index));
    } catch (error) {
      trouble.replaceChildren(failed(error, read));
    }
  };
  generations.addEventListener("change", ({ detail }) => detail.id === id && draw(detail), { signal: leave.signal });
  const clock = setInterval(() => one.over || head.drawTime(), 1000);
  leave.signal.addEventListener("abort", () => clearInterval(clock));
  draw();
  read();
  return {
    element,
    title: t("nav.generations"),
    update: ([, at]) => {
      index = at;
      if (at === undefined) viewer.close();
      else viewer.open(Number(at));
    },
    close: () => (leave.abort(), viewer.close()),
  };
}
