/**
 * The one event stream of this page. After a break it goes on where it stopped, with a fresh ticket: a ticket
 * opens a stream for a minute only, so the browser's own way of reconnecting would not get in.
 */

import { address, post } from "./api.js";

const EVENTS = ["snapshot", "started", "item", "progress", "completed", "failed", "cancelled"];
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

export class Stream {
  #source = null;
  #timer = null;
  #lastId = null;
  #breaks = 0;
  #opening = false;

  constructor(onEvent, onState) {
    this.onEvent = onEvent;
    this.onState = onState;
    addEventListener("online", () => this.#source || this.open());
  }

  async open() {
    clearTimeout(this.#timer);
    if (this.#opening) return;
    this.#opening = true;
    try {
      const { ticket } = await post("events/ticket");
      this.#listen(new EventSource(this.#address(ticket)));
    } catch (error) {
      if (error.status !== 401) this.#again();
    } finally {
      this.#opening = false;
    }
  }

  #address(ticket) {
    const query = new URLSearchParams({ ticket });
    if (this.#lastId) query.set("lastEventId", this.#lastId);
    return address(`events?${query}`);
  }

  #listen(source) {
    this.#source = source;
    source.onopen = () => {
      this.#breaks = 0;
      this.onState("live");
    };
    source.onerror = () => {
      source.close();
      this.#source = null;
      this.#again();
    };
    for (const name of EVENTS) source.addEventListener(name, (event) => this.#hear(event));
  }

  #hear(event) {
    this.#lastId = event.lastEventId;
    this.onEvent(JSON.parse(event.data));
  }

  /** Waits longer each time, and not all pages the same, so that a service that comes back can stand up. */
  #again() {
    this.onState("reconnecting");
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#breaks++);
    this.#timer = setTimeout(() => this.open(), wait * (0.75 + Math.random() / 2));
  }
}
