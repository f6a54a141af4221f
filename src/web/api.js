/**
 * The control API, with the token that this tab was given, and the events that it sends.
 *
 * @module
 */
import { ROOT } from "./urls.js";

/** Where the tab keeps the token: it is gone with the tab. */
const KEY = "sluice-token";

/** Longest event (UTF-16 units): what is longer is no event of this server. */
const MAX_EVENT = 8 * 1024 * 1024;

/** What the API answered that it did not do. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export function hasToken() {
  return sessionStorage.getItem(KEY) !== null;
}

/** @param {string | undefined} token `undefined` forgets it */
export function setToken(token) {
  if (token === undefined) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
}

/**
 * Asks the API. @throws {ApiError} when it refuses @throws {TypeError} when the server is out of reach
 *
 * @param {string} path
 * @param {RequestInit} [init]
 */
export async function ask(path, init = {}) {
  const token = sessionStorage.getItem(KEY);
  const headers = new Headers(init.headers);
  if (token !== null) headers.set("Authorization", `Bearer ${token}`);
  const response = await fetch(new URL(path, ROOT), { ...init, headers, cache: "no-store" });
  if (response.ok) return response;
  const body = await response.json().catch(() => undefined);
  throw new ApiError(response.status, body?.error?.message ?? `Status ${response.status}`);
}

/**
 * Reads server-sent events [HTML §9.2.6] until they end. `EventSource` cannot send a token.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @param {(name: string, data: string) => void} onEvent
 */
export async function readEvents(body, onEvent) {
  const reader = body.pipeThrough(/** @type {any} */ (new TextDecoderStream())).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop() ?? "";
    if (rest.length > MAX_EVENT) throw new RangeError("An event is too long");
    for (const event of events) {
      let name = "message";
      const data = [];
      for (const line of event.split("\n")) {
        if (line.startsWith("event: ")) name = line.slice(7);
        else if (line.startsWith("data: ")) data.push(line.slice(6));
      }
      onEvent(name, data.join("\n"));
    }
  }
}
