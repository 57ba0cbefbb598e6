/**
 * Library pictures, loaded as they come into sight and a few at a time. The service draws one when it is first
 * asked for, and a browser has six connections: all taken by pictures, a search or a quote would wait for them.
 */

import { el } from "./dom.js";

const AT_ONCE = 3;
const AHEAD = "300px";

const inSight = new Set();
let loading = 0;

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) inSight.add(target);
    else inSight.delete(target);
  }
  loadNext();
}, { rootMargin: AHEAD });

export function thumbnail(url) {
  const image = el("img", { "data-src": url, alt: "", width: 256, height: 256, decoding: "async" });
  image.onload = image.onerror = () => {
    loading -= 1;
    loadNext();
  };
  observer.observe(image);
  return image;
}

function loadNext() {
  for (const image of inSight) {
    if (loading >= AT_ONCE) return;
    inSight.delete(image);
    observer.unobserve(image);
    if (!image.isConnected) continue; // Another search has replaced it.
    loading += 1;
    image.src = image.dataset.src;
  }
}
