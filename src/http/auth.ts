/**
 * Who may use the control API.
 *
 * With tokens, whoever sends one, by whatever name and proxy: to ask, and where its role is `control` to
 * change things too. Without one, whoever is on this machine; and because a web page
 * in a browser on this machine is not, the `Host` header must then name this machine (a page can
 * point a name of its own at 127.0.0.1: DNS rebinding) and a change must not come from a foreign
 * `Origin` (a page can send requests it cannot read the answer of: CSRF).
 *
 * @module
 */
import type { Context, MiddlewareHandler } from "hono";
import { equalBytes } from "../core/bytes/equal.ts";
import type { RouteEnv } from "../plugin/mod.ts";
import { isLoopbackAddress } from "../service/address.ts";
import { failure } from "./error.ts";
import { isProxyMark } from "./proxy_marks.ts";
import { type ApiToken, type Caller, hashBytes, LOCAL, sha256, SINGLE } from "./tokens.ts";

/** What handlers of the API know of a request beside what plugins do. */
export interface ApiEnv extends RouteEnv {
  /** What `c.get` has. */
  Variables: { caller: Caller };
}

/** Who asks; to be called behind the guards. */
export function callerOf(c: Context): Caller {
  return (c as Context<ApiEnv>).get("caller") ?? LOCAL;
}

/** Lets in peers on this machine, unless a proxy speaks for somebody else. */
export const localOnly: MiddlewareHandler<RouteEnv> = (c, next) => {
  // `remote` is missing when a caller forgot it: nobody is then local.
  const remote = c.env?.remote?.hostname ?? "";
  if (!isLoopbackAddress(remote)) {
    return deny("Without an API token only this machine may ask: configure a token");
  }
  if ([...c.req.raw.headers.keys()].some(isProxyMark)) {
    return deny("Without an API token no proxy may ask: configure a token");
  }
  return next();

  function deny(message: string) {
    return Promise.resolve(failure(c, "forbidden", message));
  }
};

/** Whether a request carries the token. */
export type TokenCheck = (header: string | undefined) => Promise<boolean>;

/** Who sent an `Authorization` header; `undefined` for nobody who is known. */
export type CallerCheck = (header: string | undefined) => Promise<Caller | undefined>;

/**
 * Lets in requests whose `Host` is this machine or `configured`, with any port; and those with the
 * right token, whatever their host: a page behind a name that points here does not know it, a proxy
 * in front of the server does.
 */
export function knownHost(configured: string, token?: CallerCheck): MiddlewareHandler<RouteEnv> {
  const bracketed = configured.includes(":") ? `[${configured}]` : configured;
  const known = new Set(["localhost", "127.0.0.1", "[::1]", bracketed.toLowerCase()]);
  return async (c, next) => {
    const host = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/.exec(hostOf(c.req))?.[1];
    if (host !== undefined && known.has(host.toLowerCase())) return await next();
    if (token !== undefined && await token(c.req.header("Authorization"))) return await next();
    return failure(c, "forbidden", "The Host header does not name this server");
  };
}

/** Lets no foreign web page change anything. */
export const sameOrigin: MiddlewareHandler<RouteEnv> = (c, next) => {
  const origin = c.req.header("Origin");
  const reads = c.req.method === "GET" || c.req.method === "HEAD";
  if (reads || origin === undefined) return next();
  // "null" and everything else that is no URL is foreign.
  if (URL.canParse(origin) && new URL(origin).host === hostOf(c.req).toLowerCase()) return next();
  return Promise.resolve(failure(c, "forbidden", "The Origin header names another site"));
};

/** Longest `Authorization` header that is looked at, in UTF-16 units. */
const MAX_AUTHORIZATION = 2048;

/** The token of an `Authorization: Bearer` header, if it is one. */
function given(header: string | undefined): string | undefined {
  if (header === undefined || header.length > MAX_AUTHORIZATION) return undefined;
  return /^Bearer +(\S+)$/i.exec(header)?.[1];
}

/** The password of an `Authorization: Basic` header, which stands for a token. */
function givenAsPassword(header: string | undefined): string | undefined {
  if (header === undefined || header.length > MAX_AUTHORIZATION) return undefined;
  const text = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(header)?.[1];
  if (text === undefined) return undefined;
  try {
    return /^[^:]*:(\S+)$/.exec(atob(text))?.[1];
  } catch {
    return undefined;
  }
}

/**
 * The same where the token may be the password of basic authentication, which is all that some readers
 * of statistics can send. Browsers send such a password by themselves once they have it: it is for what
 * changes nothing.
 */
export function passwordToo(check: CallerCheck): CallerCheck {
  return (header) => {
    const password = givenAsPassword(header);
    return check(password === undefined ? header : `Bearer ${password}`);
  };
}

/** Knows the single `token` and those of which hashes are kept. Looks at all of them, whichever it is. */
export function callerCheck(token: string | undefined, tokens: readonly ApiToken[]): CallerCheck {
  const known: { readonly caller: Caller; readonly hash: Uint8Array | Promise<Uint8Array> }[] =
    tokens.map(({ name, role, sha256 }) => ({ caller: { name, role }, hash: hashBytes(sha256) }));
  if (token !== undefined) known.push({ caller: SINGLE, hash: sha256(token) });
  return async (header) => {
    const text = given(header);
    if (text === undefined) return undefined;
    const hash = await sha256(text);
    let found: Caller | undefined;
    for (const { caller, hash: expected } of known) {
      if (equalBytes(hash, await expected)) found = caller;
    }
    return found;
  };
}

/** Knows `token`. */
export function tokenCheck(token: string): TokenCheck {
  const check = callerCheck(token, []);
  return async (header) => await check(header) !== undefined;
}

/** Lets in requests that carry a token that `check` knows, where it may do what it asks for. */
export function bearer(check: CallerCheck): MiddlewareHandler<RouteEnv> {
  return async (c, next) => {
    const header = c.req.header("Authorization");
    const caller = await check(header);
    if (caller === undefined) {
      const why = given(header) === undefined ? "" : ', error="invalid_token"';
      c.header("WWW-Authenticate", `Bearer realm="sluice"${why}`);
      return failure(c, "unauthorized", "Send the API token: Authorization: Bearer <token>");
    }
    if (caller.role !== "control" && c.req.method !== "GET" && c.req.method !== "HEAD") {
      c.header("WWW-Authenticate", 'Bearer realm="sluice", error="insufficient_scope"');
      return failure(c, "forbidden", "This token may only read");
    }
    (c as unknown as Context<ApiEnv>).set("caller", caller);
    return await next();
  };
}

/** The host and port a request was sent to. */
function hostOf(request: { url: string; header(name: string): string | undefined }): string {
  return request.header("Host") ?? new URL(request.url).host;
}
