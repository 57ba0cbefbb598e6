/** Our public API. What goes wrong is always an ApiError with a sentence for the user. */

import * as token from "./token.js";

const BASE = new URL("api/apps/pose-generator/", document.baseURI);
const UNREACHABLE = { code: "UNREACHABLE", message: "The service cannot be reached. Is it running?" };

export class ApiError extends Error {
  constructor({ message, code, details }, status = 0) {
    super(details?.requestId ? `${message} (request ${details.requestId})` : message);
    this.code = code;
    this.status = status;
    this.details = details;
  }

  /** Nobody knows whether the request was carried out. */
  get unclear() {
    return this.status === 0 || this.status >= 500;
  }
}

export const address = (path) => new URL(path, BASE);
export const get = (path, options) => call("GET", path, options);
export const post = (path, body, options) => call("POST", path, { body, ...options });

async function call(method, path, { body, headers, signal } = {}) {
  const answer = await reach(address(path), {
    method,
    signal,
    headers: { Authorization: `Bearer ${token.read()}`, ...(body && JSON_TYPE), ...headers },
    body: body && JSON.stringify(body),
  });
  if (answer.status === 204) return null;
  const said = await answer.json().catch(() => null);
  if (answer.ok && said) return said;
  const error = new ApiError(said?.error ?? UNREACHABLE, answer.status);
  if (answer.status === 401) document.dispatchEvent(new CustomEvent("signed-out", { detail: error.message }));
  throw error;
}

const JSON_TYPE = { "Content-Type": "application/json" };

async function reach(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    throw error.name === "AbortError" ? error : new ApiError(UNREACHABLE);
  }
}

/** Asks for one thing at a time: a newer question makes the older one moot, which then answers null. */
export function latest(ask) {
  let running;
  return async (...wanted) => {
    running?.abort();
    const own = (running = new AbortController());
    try {
      return await ask(own.signal, ...wanted);
    } catch (error) {
      if (own.signal.aborted) return null;
      throw error;
    }
  };
}
