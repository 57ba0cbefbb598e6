/** The Studio starts here: with a token it opens, without one it says how to get one. */

import { refreshBalance } from "./account.js";
import { byId } from "./dom.js";
import { openFormats } from "./formats.js";
import { openGallery } from "./gallery.js";
import { askTheSilent, hear, openGenerations, placed } from "./generations.js";
import { announce, dismiss, tell } from "./notice.js";
import { openOrder } from "./order.js";
import { Stream } from "./stream.js";
import * as token from "./token.js";
import { openTray } from "./tray.js";
import { closeViews, go, openViews } from "./views.js";

const CONNECTION = { live: "Live", reconnecting: "Reconnecting…" };

addEventListener("hashchange", () => token.take() && location.reload()); // Another link in the same tab.
document.addEventListener("signed-out", ({ detail }) => signIn(detail));
byId("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  token.keep(byId("token").value);
  location.reload();
});

token.take();
if (token.read()) open();
else signIn();

function open() {
  openViews();
  openTray();
  openOrder((answer, order, poses) => {
    placed(answer, order, poses);
    announce(answer.message);
    go("pictures");
  });
  openFormats().catch(tell);
  openGallery();
  openGenerations();
  refreshBalance();
  new Stream(hear, connection).open();
}

function connection(state) {
  byId("connection").textContent = CONNECTION[state];
  byId("connection").dataset.state = state;
  if (state !== "live") return;
  dismiss(); // What could not be reached is there again.
  askTheSilent();
}

function signIn(reason) {
  token.forget();
  closeViews();
  byId("connection").textContent = "";
  byId("welcome-reason").textContent = reason ?? "";
  byId("welcome-reason").hidden = !reason;
}
