/**
 * Which web pages may play what the server sends over HTTP: the one place that knows CORS for media,
 * for every way out behind HTTP [Fetch §3.2].
 *
 * @module
 */
import { isLoopbackHost } from "./address.ts";

/** In place of an origin: every page may play. */
export const ANY_ORIGIN = "*";

/** An entry of the setting: `*`, an origin, or one with `*.` for every name below a domain. */
export const MEDIA_ORIGIN =
  /^(?:\*|https?:\/\/(?:\*\.)?(?:[\w-]+(?:\.[\w-]+)*|\[[\da-f:.]+\])(?::\d{1,5})?)$/i;

/** What a page may ask with, and reads of the answer, beyond what every page does. */
const METHODS = "GET, HEAD, OPTIONS";
const REQUEST_HEADERS = "Authorization, Cache-Control, If-Modified-Since, If-None-Match, Range";
const EXPOSED_HEADERS = "Content-Length, Content-Range, Date, ETag, Retry-After";
/** How long a browser remembers the answer to a preflight, in seconds: Chrome's most. */
const PREFLIGHT_SECONDS = 7200;

/** Headers of an answer. */
export type AnswerHeaders = Readonly<Record<string, string>>;

const TO_ANY: AnswerHeaders = {
  "Access-Control-Allow-Origin": ANY_ORIGIN,
  "Access-Control-Expose-Headers": EXPOSED_HEADERS,
  // Pages that isolate themselves (COEP) may embed it too.
  "Cross-Origin-Resource-Policy": "cross-origin",
  "Timing-Allow-Origin": ANY_ORIGIN,
};

/** Origins as they are compared: in lower case, without the port that is usual for the scheme. */
function matcherOf(entry: string): (origin: string) => boolean {
  const { protocol, host } = new URL(entry.replace("*.", "wildcard."));
  const origin = `${protocol}//${host}`;
  if (!entry.includes("*.")) return (asked) => asked === origin;
  const below = host.slice("wildcard".length);
  return (asked) => asked.startsWith(`${protocol}//`) && asked.endsWith(below);
}

/** Knows which pages may play. */
export class MediaOrigins {
  readonly #any: boolean;
  readonly #allowed: readonly ((origin: string) => boolean)[];
  readonly #local: boolean;

  /**
   * @param allowed entries as {@linkcode MEDIA_ORIGIN} has them; with none, only the server's own pages
   * @param host the host that HTTP is bound to, as configured
   */
  constructor(allowed: readonly string[], host: string) {
    this.#any = allowed.includes(ANY_ORIGIN);
    this.#allowed = this.#any ? [] : allowed.map(matcherOf);
    this.#local = isLoopbackHost(host);
  }

  /** The headers of every answer, where they do not depend on who asks. */
  get always(): AnswerHeaders | undefined {
    return this.#any ? TO_ANY : undefined;
  }

  /**
   * The headers that let a page read the answer; `undefined` when the page that asks may not play. Who
   * sends no `Origin` is a player, or a page of the server's own.
   */
  headers(request: Request): AnswerHeaders | undefined {
    if (this.#any) return TO_ANY;
    const { protocol, host, hostname } = new URL(request.url);
    // A page may have pointed a name of its own at this machine (DNS rebinding), and is then at home.
    const known = !this.#local || isLoopbackHost(hostname) ||
      this.#isAllowed(`${protocol}//${host}`);
    if (!known) return undefined;
    const asked = request.headers.get("Origin");
    if (asked === null) return { Vary: "Origin" };
    if (!URL.canParse(asked)) return undefined;
    const { origin, host: from } = new URL(asked);
    // A proxy may have taken TLS off: the scheme says nothing about whose page it is.
    if (from !== host && !this.#isAllowed(origin)) return undefined;
    return {
      "Access-Control-Allow-Origin": asked,
      "Access-Control-Expose-Headers": EXPOSED_HEADERS,
      "Timing-Allow-Origin": asked,
      Vary: "Origin",
    };
  }

  #isAllowed(origin: string): boolean {
    return this.#allowed.some((matches) => matches(origin));
  }
}

/** Answers `OPTIONS`, which browsers send ahead of a request with headers of its own. */
export function preflight(headers: AnswerHeaders): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...headers,
      "Access-Control-Allow-Methods": METHODS,
      "Access-Control-Allow-Headers": REQUEST_HEADERS,
      "Access-Control-Max-Age": String(PREFLIGHT_SECONDS),
    },
  });
}

/** Answers a method that media cannot be asked for with. */
export function wrongMethod(headers: AnswerHeaders): Response {
  return new Response(null, { status: 405, headers: { ...headers, Allow: METHODS } });
}
