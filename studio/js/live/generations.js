/** All generations this page knows. Says "change" with the generation's id and, for one picture, its index. */

import { get, pages } from "../core/api.js";
import { Generation } from "./generation.js";

const RESULTS_PAGE_SIZE = 200;
const SILENCE_MS = 3000;

class Generations extends EventTarget {
  #known = new Map();

  of(id) {
    if (!this.#known.has(id)) this.#known.set(id, new Generation(id));
    return this.#known.get(id);
  }

  get running() {
    return [...this.#known.values()].filter((one) => one.total && !one.over);
  }

  get snapshots() {
    return this.running.filter((one) => one.heard).map((one) => one.snapshot);
  }

  hear(event) {
    const one = this.of(event.generationId);
    const wasOver = one.over;
    one.hear(event);
    this.#say(one.id, { index: event.type === "item" ? event.index : undefined, ended: one.over && !wasOver });
  }

  know(row) {
    const one = this.of(row.id);
    one.know(row);
    this.#say(row.id);
    return one;
  }

  /** From the service: how it is and, when it is over, all its pictures. */
  async read(id) {
    const { generation } = await get(`generations/${id}`);
    const one = this.of(id);
    if (this.know(generation).over) await this.#readItems(one);
    return one;
  }

  async #readItems(one) {
    for await (const page of pages(`generations/${one.id}/results`, { limit: RESULTS_PAGE_SIZE })) {
      for (const item of page.results) one.items.set(item.index, item);
      this.#say(one.id);
    }
  }

  /** A stream that was away may have missed an end: who stays silent is asked. */
  askTheSilent() {
    this.running.forEach((one) => (one.heard = false));
    setTimeout(() => {
      for (const one of this.running) if (!one.heard) this.read(one.id).catch(() => {});
    }, SILENCE_MS);
  }

  #say(id, more) {
    this.dispatchEvent(new CustomEvent("change", { detail: { id, ...more } }));
  }
}

export const generations = new Generations();
