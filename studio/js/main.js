/** The Studio starts here: with a token it opens, without one it says how to get one. */

import { byId, fill } from "./core/dom.js";
import { navigate, route } from "./core/router.js";
import * as token from "./core/token.js";
import { account } from "./live/account.js";
import { generations } from "./live/generations.js";
import { SharedStream } from "./live/shared.js";
import { announce, dismissAll, tell } from "./parts/notice.js";
import { connection, openShell, showView } from "./shell.js";
import { t } from "./words/words.js";
import { welcome } from "./views/welcome.js";

const ROUTES = [
  { path: "pick", load: () => import("./views/pick.js") },
  { path: "describe", load: () => import("./views/describe.js") },
  { path: "setup", load: () => import("./views/setup.js") },
  { path: "generations", load: () => import("./views/history.js"), deeper: () => import("./views/watch.js") },
  { path: "credits", load: () => import("./views/credits.js") },
  { path: "requests", load: () => import("./views/requests.js") },
  { path: "operator", load: () => import("./views/operator.js") },
];

addEventListener("hashchange", () => token.take() && location.reload()); // Another link in the same tab.
document.addEventListener("signed-out", ({ detail }) => token.read() && token.forget(detail));

byId("skip").textContent = t("ui.skip");
byId("skip").addEventListener("click", (event) => {
  event.preventDefault(); // The address says which view it is.
  byId("main").focus();
});

token.take();
token.onChange(() => location.reload());
if (token.read()) open();
else fill(byId("main"), welcome(token.reasonForgotten()));

function open() {
  openShell(token.bearer());
  if (!location.hash) navigate("#/pick");
  route(ROUTES, { onShow: showView, onFail: tell });
  generations.addEventListener("change", ({ detail }) => detail.ended && ended(detail.id));
  account.refresh();
  new SharedStream(token.bearer().id, {
    onEvent: (event) => generations.hear(event),
    onState: connected,
    dump: () => generations.snapshots,
  }).open();
}

function ended(id) {
  account.refresh();
  const { status, completed, total } = generations.of(id);
  announce(t("watch.ended", { state: t(`state.${status}`), completed, total }));
}

function connected(state) {
  connection(state);
  if (state !== "live") return;
  dismissAll(); // What could not be reached is there again.
  generations.askTheSilent();
}
