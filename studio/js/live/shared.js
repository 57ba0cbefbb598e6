/**
 * One stream for all tabs of this browser, which over HTTP/1.1 has six connections in all. The tab that holds
 * the lock listens and tells the others; when it closes, the next one goes on from the last event told.
 */

import { Stream } from "./stream.js";

export class SharedStream {
  #channel;
  #lastId = null;
  #state = "connecting";
  #leads = false;

  /** `dump` gives everything known so far as snapshots, for a tab that has just been opened. */
  constructor(user, { onEvent, onState, dump }) {
    this.name = `posegen.events.${user}`;
    this.onEvent = onEvent;
    this.onState = onState;
    this.dump = dump;
  }

  open() {
    if (!navigator.locks) return this.#lead(); // Plain http from afar: each tab on its own.
    this.#channel = new BroadcastChannel(this.name);
    this.#channel.onmessage = ({ data }) => this.#told(data);
    this.#channel.postMessage({ kind: "hello" });
    navigator.locks.request(this.name, () => this.#lead());
  }

  #lead() {
    this.#leads = true;
    return new Stream({
      lastId: this.#lastId,
      onEvent: (event, lastId) => {
        this.#lastId = lastId;
        this.#channel?.postMessage({ kind: "event", event, lastId });
        this.onEvent(event);
      },
      onState: (state) => {
        this.#channel?.postMessage({ kind: "state", state });
        this.#become(state);
      },
    }).run();
  }

  #told({ kind, event, events, state, lastId }) {
    if (this.#leads) return kind === "hello" && this.#answer();
    if (lastId) this.#lastId = lastId;
    if (kind === "event") this.onEvent(event);
    if (kind === "all") events.forEach(this.onEvent);
    if (state) this.#become(state);
  }

  #answer() {
    this.#channel.postMessage({ kind: "all", events: this.dump(), state: this.#state, lastId: this.#lastId });
  }

  #become(state) {
    this.#state = state;
    this.onState(state);
  }
}
