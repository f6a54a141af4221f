/**
 * The one shape of an error: `{ "error": { "code": "...", "message": "..." } }`.
 *
 * @module
 */
import type { Context, Handler } from "hono";
import { HTTPException } from "hono/http-exception";
import { matchedRoutes } from "hono/route";
import { json } from "./answer.ts";

/** Stable names of what can go wrong. */
export type ErrorCode =
  | "bad-request"
  | "unauthorized"
  | "forbidden"
  | "not-found"
  | "method-not-allowed"
  | "conflict"
  | "timeout"
  | "too-large"
  | "uri-too-long"
  | "unsupported-media-type"
  | "busy"
  | "no-answer"
  | "internal";

const STATUS = {
  "bad-request": 400,
  "unauthorized": 401,
  "forbidden": 403,
  "not-found": 404,
  "method-not-allowed": 405,
  "timeout": 408,
  "conflict": 409,
  "too-large": 413,
  "uri-too-long": 414,
  "unsupported-media-type": 415,
  "busy": 503,
  "no-answer": 504,
  "internal": 500,
} as const satisfies Record<ErrorCode, number>;

const CODES = Object.keys(STATUS) as ErrorCode[];

/** An error response. `message` is for people and may change. */
export function failure(c: Context, code: ErrorCode, message: string): Response {
  return json(c, { error: { code, message } }, STATUS[code]);
}

/** Answers every method that no earlier handler of the path took. */
export function onlyMethods(...methods: string[]): Handler {
  const allow = methods.includes("GET") ? [...methods, "HEAD"].join(", ") : methods.join(", ");
  return (c) => {
    c.header("Allow", allow);
    return failure(c, "method-not-allowed", `The method is not one of ${allow}`);
  };
}

/** Is told of a handler that threw. Must not throw. */
export type FaultListener = (
  error: unknown,
  /** The pattern of the route, not what was asked: that may hold a key. */
  route: string,
  /** What the request said: all that the message of an error may repeat of it. */
  said: () => readonly string[],
) => void;

/** Answers for a handler that threw. What it threw is for the log alone: it may hold secrets. */
export function onThrow(onError: FaultListener) {
  return (error: Error, c: Context): Response => {
    // Hono's own exceptions are answers, not faults: routes of plugins may throw them.
    if (error instanceof HTTPException && error.status < 500) {
      if (error.res) return error.getResponse();
      const code = CODES.find((code) => STATUS[code] === error.status) ?? "bad-request";
      return json(c, { error: { code, message: error.message } }, error.status);
    }
    const route =
      matchedRoutes(c).map(({ path }) => path).findLast((path) => !path.endsWith("*")) ??
        "unknown";
    onError(error, route, () => saidIn(c, route));
    return failure(c, "internal", "The server failed to answer");
  };
}

/** The answer when there is no context to make it with. */
export function bareFailure(): Response {
  const error = { code: "internal", message: "The server failed to answer" };
  return Response.json({ error }, {
    status: 500,
    headers: { "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store" },
  });
}

/** Headers shorter than this hold no secret (UTF-16 units). */
const SHORT = 4;

/** Everything in a request that a key can be put into, but what its route has anyway. */
function saidIn(c: Context, route: string): string[] {
  const url = new URL(c.req.url);
  const known = new Set(route.split("/"));
  const said = url.pathname.split("/").filter((part) => !known.has(part));
  for (const [key, value] of url.searchParams) said.push(key, value);
  c.req.raw.headers.forEach((value, name) => {
    said.push(...[name, value, ...value.split(/[\s,;=]+/)].filter((part) => part.length >= SHORT));
  });
  return said;
}
