/** Our public API. What goes wrong is always an ApiError with a sentence for the user. */

import { sentence } from "../words/words.js";
import * as token from "./token.js";

const BASE = new URL("api/apps/pose-generator/", document.baseURI);
const JSON_TYPE = { "Content-Type": "application/json" };

export class ApiError extends Error {
  constructor({ message, code, details } = { code: "UNREACHABLE" }, status = 0) {
    super(sentence(code, message) + (details?.requestId ? ` (${details.requestId})` : ""));
    this.code = code;
    this.status = status;
    this.details = details;
  }

  /** Nobody knows whether the request was carried out. */
  get unclear() {
    return this.status === 0 || this.status >= 500;
  }

  /** What is wrong with which field: `selectedPoseIds.3` is said of `selectedPoseIds`. */
  get fields() {
    const list = Array.isArray(this.details) ? this.details : [];
    return list.map(({ path, message }) => ({ name: String(path).split(".")[0], message }));
  }
}

export const address = (path) => new URL(path, BASE);
export const authorization = () => ({ Authorization: `Bearer ${token.read()}` });
export const get = (path, options) => call("GET", path, options);
export const post = (path, body, options) => call("POST", path, { body, ...options });
export const patch = (path, body) => call("PATCH", path, { body });
export const put = (path, body) => call("PUT", path, { body });
export const remove = (path) => call("DELETE", path);

async function call(method, path, { body, headers, signal } = {}) {
  const isForm = body instanceof FormData;
  const answer = await reach(address(path), {
    method,
    signal,
    headers: { ...authorization(), ...(body && !isForm && JSON_TYPE), ...headers },
    body: isForm ? body : body && JSON.stringify(body),
  });
  if (answer.status === 204) return null;
  const said = await answer.json().catch(() => null);
  if (answer.ok && said) return said;
  const error = new ApiError(said?.error, answer.status);
  if (answer.status === 401) signedOut(error.message);
  throw error;
}

export const signedOut = (reason) => document.dispatchEvent(new CustomEvent("signed-out", { detail: reason }));

async function reach(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    throw error.name === "AbortError" ? error : new ApiError();
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

/** All pages of a list with cursors, page by page. */
export async function* pages(path, query = {}) {
  let cursor = null;
  do {
    const page = await get(`${path}?${new URLSearchParams({ ...query, ...(cursor && { cursor }) })}`);
    yield page;
    cursor = page.nextCursor;
  } while (cursor);
}
