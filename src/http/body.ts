/**
 * What a request may carry: JSON of bounded size, sent in bounded time, or nothing.
 *
 * @module
 */
import type { Context, MiddlewareHandler } from "hono";
import type { Clock } from "../ports.ts";
import type { ErrorCode } from "./error.ts";
import { failure } from "./error.ts";
import { parseJson } from "./json.ts";

/** Bounds of a request. */
export interface BodyLimits {
  /** Bytes of the body. */
  readonly bytes: number;
  /** Longest time from the headers to the end of the body (ms). */
  readonly ms: number;
}

/** The bounds of a request whose app was given none. */
export const DEFAULT_BODY_LIMITS: BodyLimits = { bytes: 1024 * 1024, ms: 10_000 };

/** Longest URL that is looked at, in UTF-16 units. */
export const MAX_URL_LENGTH = 8192;

/** A body that cannot be used. */
class BodyError extends Error {
  constructor(readonly code: ErrorCode, message: string) {
    super(message);
  }
}

/** Refuses a URL that is too long to be meant. */
export const shortUrl: MiddlewareHandler = (c, next) =>
  c.req.url.length <= MAX_URL_LENGTH
    ? next()
    : Promise.resolve(failure(c, "uri-too-long", "The URL is too long"));

/**
 * Reads the body of a request before its handler sees it, which then finds it with `c.req.json()`.
 * Refused are forms and all else that a web page may send anywhere without asking (CSRF), bodies
 * that are compressed, too large or too slow, and what is no proper JSON; see {@link parseJson}.
 */
export function jsonBody(limits: BodyLimits, clock?: Clock): MiddlewareHandler {
  return async (c, next) => {
    if (c.req.method !== "GET" && c.req.method !== "HEAD") {
      try {
        const text = await readText(c, limits, clock);
        if (text !== undefined) {
          parseJson(text);
          c.req.bodyCache.text = Promise.resolve(text) as never;
        }
      } catch (error) {
        if (error instanceof BodyError) return failure(c, error.code, error.message);
        if (error instanceof SyntaxError) return failure(c, "bad-request", error.message);
        // The peer went away, or sent what is no body.
        return failure(c, "bad-request", "The body cannot be read");
      }
    }
    return await next();
  };
}

/** The text of the body; `undefined` when there is none. @throws {BodyError} */
async function readText(
  c: Context,
  limits: BodyLimits,
  clock: Clock | undefined,
): Promise<string | undefined> {
  const { body } = c.req.raw;
  const type = c.req.header("Content-Type");
  // Even without a body: a page can send a form that is empty.
  if (type !== undefined && !/^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
    throw new BodyError("unsupported-media-type", "Send application/json");
  }
  if (body === null) return undefined;
  const encoding = c.req.header("Content-Encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    throw new BodyError("unsupported-media-type", "Send the body uncompressed");
  }
  const tooLarge = () =>
    new BodyError("too-large", `The body is larger than ${limits.bytes} bytes`);
  if (Number(c.req.header("Content-Length") ?? 0) > limits.bytes) throw tooLarge();

  const reader = body.getReader();
  let late = false;
  let stop = () => {};
  // Not by cancelling alone: that may have to wait for the peer on some runtime.
  const deadline = new Promise<undefined>((resolve) => stop = () => resolve(undefined));
  const timer = clock?.after(limits.ms, () => {
    late = true;
    stop();
  });
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let size = 0;
  try {
    for (;;) {
      const read = await Promise.race([reader.read(), deadline]);
      if (late || read === undefined) {
        throw new BodyError("timeout", `The body took longer than ${limits.ms} ms`);
      }
      if (read.done) break;
      size += read.value.length;
      if (size > limits.bytes) throw tooLarge();
      text += decoder.decode(read.value, { stream: true });
    }
    text += decoder.decode();
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error;
  } finally {
    timer?.cancel();
  }
  if (size === 0) return undefined;
  if (type === undefined) throw new BodyError("unsupported-media-type", "Send application/json");
  return text;
}
