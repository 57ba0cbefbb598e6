/**
 * The user's event stream. After a break it goes on where it stopped; one that has gone silent, though the
 * service sends a sign of life every 15 s, counts as broken. Read with fetch, which shows both and needs no ticket.
 */

import { ApiError, address, authorization, signedOut } from "../core/api.js";
import { messages } from "./messages.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5000;
const SILENCE_MS = 40_000;

export class Stream {
  #breaks = 0;
  #connection = null;
  #wake = () => {};

  constructor({ lastId, onEvent, onState }) {
    this.lastId = lastId;
    this.onEvent = onEvent;
    this.onState = onState;
    addEventListener("online", () => this.#wake());
    addEventListener("offline", () => this.#doubt());
  }

  async run() {
    for (;;) {
      try {
        await this.#listen();
      } catch (error) {
        if (error.status === 401) return signedOut(error.message);
        if (error.status === 400) this.lastId = null; // An id the service no longer knows: from the start then.
      }
      this.onState(navigator.onLine ? "reconnecting" : "offline");
      await this.#pause();
    }
  }

  async #listen() {
    const connection = (this.#connection = new AbortController());
    let watchdog;
    const beat = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => connection.abort(), SILENCE_MS);
    };
    beat();
    try {
      const answer = await fetch(address("events"), { headers: this.#headers(), signal: connection.signal, cache: "no-store" });
      if (!answer.ok) throw new ApiError((await answer.json().catch(() => ({}))).error, answer.status);
      this.#breaks = 0;
      this.onState("live");
      for await (const message of messages(answer.body, beat)) this.#hear(message);
    } finally {
      clearTimeout(watchdog);
      connection.abort();
    }
  }

  /** A browser without a network may still reach a service on its own machine: so the service is asked. */
  #doubt() {
    fetch(address("health"), { cache: "no-store" }).catch(() => this.#connection?.abort());
  }

  #headers() {
    return { ...authorization(), ...(this.lastId && { "Last-Event-ID": this.lastId }) };
  }

  #hear({ id, data }) {
    this.lastId = id ?? this.lastId;
    this.onEvent(JSON.parse(data), this.lastId);
  }

  /** Longer each time, and not all pages the same, so that a service that comes back can stand up. */
  #pause() {
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#breaks++);
    return new Promise((resolve) => {
      this.#wake = resolve;
      setTimeout(resolve, wait * (0.75 + Math.random() / 2));
    });
  }
}
