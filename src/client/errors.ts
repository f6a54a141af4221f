/**
 * How a client can fail. What the network does is a `DialError`, what breaks the protocol a
 * `ProtocolError`, and what cannot be asked for a `UsageError`.
 *
 * @module
 */
import type { ServerRefusal } from "../core/rtmp/session/client/mod.ts";
import { capBytes, escapeControls } from "../text.ts";

/** Most bytes of a server's text in a message. */
const MAX_TEXT_BYTES = 300;

/** A server's text, fit to be shown. */
function shown(text: string): string {
  return escapeControls(capBytes(text, MAX_TEXT_BYTES));
}

/** The server would not: it refused a connect, a publish, a play or a call. */
export class RefusedError extends Error {
  /** Name of the class. */
  override readonly name = "RefusedError";
  /** What the server said, `NetStream.Publish.BadName` for instance; `""` when it said no code. */
  readonly code: string;
  /** The server's own words, for people: of any content. */
  readonly description: string;
  /** Where to go instead, when the server said so. */
  readonly redirect: string | undefined;
  /** What was refused: `connect`, `publish`, `play` or `call`. */
  readonly request: string;

  /** `request`: what was refused. */
  constructor(
    request: string,
    { code, description, redirect }: Omit<ServerRefusal, "level" | "properties">,
  ) {
    const words = [code, description].map(shown).filter((text) => text !== "").join(": ");
    const elsewhere = redirect === undefined ? "" : "; it names another server";
    super(`The server refused to ${request}${words && ` (${words})`}${elsewhere}`);
    this.request = request;
    this.code = code;
    this.description = description;
    this.redirect = redirect;
  }
}

/** The server did not answer in time. */
export class RequestTimeoutError extends Error {
  /** Name of the class. */
  override readonly name = "RequestTimeoutError";

  /** For what was asked, and how long was waited. */
  constructor(
    /** What was waited for: `connect`, `publish`, `play` or `call`. */
    readonly request: string,
    /** How long (ms). */
    readonly timeoutMs: number,
  ) {
    super(`The server did not answer to ${request} within ${timeoutMs} ms`);
  }
}

/** The connection is over, or what was published was taken away. */
export class ClosedError extends Error {
  /** Name of the class. */
  override readonly name = "ClosedError";
  /** What the server said last about it, when it said something. */
  readonly code: string;

  /** `code`: what the server said last about it. */
  constructor(message: string, code = "", options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
