/**
 * Library pictures, loaded as they come into sight and a few at a time. The service draws one when it is first
 * asked for, and a browser has six connections: all taken by pictures, a search or a quote would wait for them.
 */

import { el } from "../core/dom.js";
import { fresh } from "../live/poses.js";

const AT_ONCE = 3;
const AHEAD = "400px";

const inSight = new Set();
let loading = 0;

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) inSight.add(target);
    else inSight.delete(target);
  }
  loadNext();
}, { rootMargin: AHEAD });

/** `atOnce`: one that most likely has been seen already. */
export function thumbnail(pose, side = 256, atOnce = false) {
  const image = el("img", { "data-src": pose.thumbnailUrl, alt: "", width: side, height: side, decoding: "async" });
  image.addEventListener("load", () => image.classList.add("here"));
  image.addEventListener("error", () => renew(image, pose.id), { once: true });
  if (atOnce) image.src = pose.thumbnailUrl;
  else observer.observe(image);
  return image;
}

/** Its link has expired. */
async function renew(image, poseId) {
  const known = await fresh(poseId);
  if (known) image.src = known.thumbnailUrl;
}

function loadNext() {
  for (const image of inSight) {
    if (loading >= AT_ONCE) return;
    inSight.delete(image);
    observer.unobserve(image);
    if (!image.isConnected) continue; // Another search has replaced it.
    begin(image);
  }
}

async function begin(image) {
  loading += 1;
  const settled = new Promise((resolve) => {
    image.addEventListener("load", resolve, { once: true });
    image.addEventListener("error", resolve, { once: true });
  });
  image.src = image.dataset.src;
  await settled;
  loading -= 1;
  loadNext();
}
