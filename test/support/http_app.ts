/**
 * Asks the HTTP app without a port.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createHttpApp, type HttpAppOptions } from "../../src/http/mod.ts";
import { FakeServerView } from "./server_view.ts";

/** The peer of a request that comes from this machine. */
export const LOCAL = { hostname: "127.0.0.1", port: 40000 };
/** The peer of a request that comes from elsewhere. */
export const REMOTE = { hostname: "203.0.113.9", port: 40000 };

/** What a test says about a request. */
export interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly remote?: { readonly hostname: string; readonly port: number };
}

/** An app over an empty server, bound to 127.0.0.1 without a token unless told otherwise. */
export function httpApp(options: Partial<HttpAppOptions> = {}) {
  const server = new FakeServerView();
  const errors: [error: unknown, path: string][] = [];
  const app = createHttpApp({
    server,
    host: "127.0.0.1",
    onError: (error, path) => errors.push([error, path]),
    ...options,
  });
  const ask = async (path: string, { method, headers, json, remote = LOCAL }: Ask = {}) =>
    await app.request(`http://127.0.0.1:8080${path}`, {
      method,
      ...(json === undefined ? { headers } : {
        headers: { "Content-Type": "application/json", ...headers },
        body: JSON.stringify(json),
      }),
    }, { remote });
  return { app, server, errors, ask };
}

/** Asserts that a response is an error of the API. */
export async function assertError(
  response: Response,
  status: number,
  code: string,
): Promise<string> {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.match(response.headers.get("Content-Type") ?? "", /^application\/json/);
  assert.equal(response.headers.get("X-Content-Type-Options"), "nosniff");
  const body = JSON.parse(text);
  assert.deepEqual(Object.keys(body), ["error"]);
  assert.deepEqual(Object.keys(body.error), ["code", "message"]);
  assert.equal(body.error.code, code);
  assert.ok(body.error.message.length > 0);
  return body.error.message;
}
