/**
 * Lets in who holds a JSON Web Token that says what may be published or played: the claims `publish` and `play`
 * hold `<app>/<name>`, or with `*` at the end all that begin so. The token is in the query, in the header
 * `Authorization: Bearer` over HTTP, or is the user of a client of RTMP that logs in, whatever its password.
 *
 * Options in `SLUICE_PLUGIN_JWT`: `{ "secrets": ["…"] }` or `{ "jwks": "https://…" }`, and more: docs/plugins.md.
 *
 * @module
 */
import type { JWTPayload, JWTVerifyOptions } from "jose";
import * as v from "valibot";
import {
  boundedText,
  checkOptions,
  type ConnectContext,
  coversPath,
  definePlugin,
  needLogin,
  type PlayContext,
  type PluginFactory,
  readOptions,
  refuse,
  SessionDeadlines,
} from "../src/plugin/api.ts";

/** Longest token, in UTF-16 units. */
const MAX_TOKEN = 8192;
/** How far clocks may be apart (s). */
const CLOCK_TOLERANCE = 10;
/** How long keys of a URL are kept, how soon they are asked for again for a key that is not among them (ms). */
const CACHE_MS = 600_000;
const COOLDOWN_MS = 10_000;
/** How long is waited for them (ms): less than `hook.timeoutMs`, so that the log says what was missing. */
const FETCH_MS = 3000;
/** How soon they are asked for again when they could not be had (ms): not by each client that comes. */
const AGAIN_MS = 1000;
/** Most of them (bytes): each token is looked for among them. */
const MAX_JWKS_BYTES = 256 * 1024;

/** Never both kinds with one key: a public key must not be taken for a shared secret. */
const SHARED = ["HS256", "HS384", "HS512"];
const PUBLIC = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"],
  ...["EdDSA", "Ed25519"],
];

/** A URL of keys: nobody between may change them, so in clear only on this machine. */
function isKeysUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  return protocol === "https:" || (protocol === "http:" && isLocal);
}

const Options = v.pipe(
  v.strictObject({
    secrets: v.optional(
      v.pipe(
        v.array(v.pipe(v.string(), v.minLength(32, "32 characters or more"))),
        v.minLength(1, "one secret or more"),
        v.maxLength(5),
      ),
    ),
    jwks: v.optional(v.pipe(v.string(), v.check(isKeysUrl, "an https:// URL"))),
    issuer: v.optional(v.string()),
    audience: v.optional(v.string()),
    parameter: v.optional(v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/, "a name")), "token"),
    actions: v.optional(
      v.pipe(v.array(v.picklist(["publish", "play"])), v.minLength(1, "publish, play or both")),
      ["publish", "play"],
    ),
    afterExpiry: v.optional(v.picklist(["run-on", "end"]), "run-on"),
    login: v.optional(v.boolean(), false),
  }),
  v.check(
    ({ secrets, jwks }) => (secrets === undefined) !== (jwks === undefined),
    "secrets, or the URL of keys in jwks",
  ),
);

/** What the plugin is made with; docs/plugins.md says more. */
export interface JwtOptions {
  /** Secrets that tokens are signed with (HS256, HS384, HS512); each counts, so that they can be changed. */
  readonly secrets?: string[];
  /** URL of the public keys of who signs tokens (JWKS). */
  readonly jwks?: string;
  /** What `iss` has to be. */
  readonly issuer?: string;
  /** What `aud` has to be or to hold. */
  readonly audience?: string;
  /** Where in the query the token is. */
  readonly parameter?: string;
  /** What needs a token. */
  readonly actions?: ("publish" | "play")[];
  /** Whether what runs goes on when its token expires. */
  readonly afterExpiry?: "run-on" | "end";
  /** Whether clients of RTMP without a token in the URL that they connect to are asked to log in with one. */
  readonly login?: boolean;
}

/**
 * Makes the plugin. `now` tells milliseconds since 1970; `cooldownMs`: how soon keys are asked for again for one
 * that is not among them. @throws {Error} on a mistake in the options
 */
export async function jwt(
  options: JwtOptions,
  now: () => number = Date.now,
  cooldownMs = COOLDOWN_MS,
) {
  const checked = checkOptions(Options, options, "jwt");
  const { parameter, actions, afterExpiry, login, issuer, audience } = checked;
  const verify = await verifierOf(checked, cooldownMs);
  const deadlines = new SessionDeadlines("jwt", now);

  /** What a token says, or why it does not count. */
  async function read(token: string | undefined): Promise<JWTPayload | string> {
    if (token === undefined || token === "") return "Token required";
    if (token.length > MAX_TOKEN) return "Token invalid";
    return await verify(token, {
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
      requiredClaims: ["exp"],
      clockTolerance: CLOCK_TOLERANCE,
      currentDate: new Date(now()),
    });
  }

  function tokenOf({ query, http, user }: ConnectContext): string | undefined {
    const [, bearer] = /^Bearer +(\S+)$/i.exec(http?.authorization ?? "") ?? [];
    return query.get(parameter) ?? bearer ?? user;
  }

  async function check(action: "publish" | "play", context: PlayContext) {
    const { app, name, sessionId } = context;
    const said = await read(tokenOf(context));
    if (typeof said === "string") return refuse(said);
    const path = `${app}/${name}`;
    if (!pathsIn(said[action]).some((one) => coversPath(one, path))) {
      return refuse(`The token is not to ${action} this`);
    }
    if (afterExpiry === "end") deadlines.set(sessionId, said.exp! * 1000, "the token has expired");
  }

  return definePlugin({
    name: "jwt",
    start: (server, before) => deadlines.start(server, before),
    handOver: () => deadlines.handOver(),
    stop: () => deadlines.stop(),
    async onLogin({ user }) {
      // Another plugin may know a user of this name.
      if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(user)) return;
      const said = await read(user);
      return typeof said === "string" ? refuse(said) : { proven: true };
    },
    ...(login
      ? {
        onConnect: (context: ConnectContext) =>
          context.rtmp !== undefined && !tokenOf(context) ? needLogin() : undefined,
      }
      : {}),
    ...(actions.includes("publish")
      ? { onPublish: (context: PlayContext) => check("publish", context) }
      : {}),
    ...(actions.includes("play")
      ? { onPlay: (context: PlayContext) => check("play", context) }
      : {}),
    onDisconnect: ({ sessionId }) => deadlines.forget(sessionId),
  });
}

/** Makes the plugin from the environment. */
const fromEnvironment: PluginFactory = (env) => jwt(readOptions("jwt", Options, env));
export default fromEnvironment;

/** What verifies a token, or says why it does not count. */
type Verifier = (token: string, options: JWTVerifyOptions) => Promise<JWTPayload | string>;

async function loadJose(): Promise<typeof import("jose")> {
  try {
    return await import("jose");
  } catch (error) {
    throw new Error(`the package jose is missing (npm install jose): ${(error as Error).message}`);
  }
}

/** Loads the library, which who does not use this plugin need not have. */
async function verifierOf(
  { secrets = [], jwks }: Pick<JwtOptions, "secrets" | "jwks">,
  cooldownMs: number,
): Promise<Verifier> {
  const { createRemoteJWKSet, customFetch, errors, jwtVerify } = await loadJose();
  const whyOf = (error: unknown): string => {
    if (error instanceof errors.JWTExpired) return "Token expired";
    // The answer of the URL, or that there was none.
    const isOurs = error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid ||
      !(error instanceof errors.JOSEError) || error.code === "ERR_JOSE_GENERIC";
    return isOurs ? "The keys to check the token with cannot be had" : "Token invalid";
  };
  if (jwks !== undefined) {
    const keys = createRemoteJWKSet(new URL(jwks), {
      cacheMaxAge: CACHE_MS,
      cooldownDuration: cooldownMs,
      timeoutDuration: FETCH_MS,
      [customFetch]: fetchKeys(),
    });
    return async (token, options) => {
      try {
        return (await jwtVerify(token, keys, { ...options, algorithms: PUBLIC })).payload;
      } catch (error) {
        return whyOf(error);
      }
    };
  }
  const keys = await Promise.all(secrets.map(importSecret));
  return async (token, options) => {
    let why = "Token invalid";
    for (const key of keys) {
      try {
        const ofHeader = ({ alg }: { alg?: string }) => key.get(alg ?? "")!;
        return (await jwtVerify(token, ofHeader, { ...options, algorithms: SHARED })).payload;
      } catch (error) {
        // What another secret has signed says nothing of when it expires.
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) why = whyOf(error);
      }
    }
    return why;
  };
}

/** A secret for each way to use it: to make these for each token would cost more than to check it. */
async function importSecret(secret: string): Promise<Map<string, CryptoKey>> {
  const bytes = new TextEncoder().encode(secret);
  return new Map(
    await Promise.all(SHARED.map(async (name): Promise<[string, CryptoKey]> => {
      const algorithm = { name: "HMAC", hash: `SHA-${name.slice(2)}` };
      return [name, await crypto.subtle.importKey("raw", bytes, algorithm, false, ["verify"])];
    })),
  );
}

/** Fetches keys, as far as they may be: `fetch` knows no bound. */
function fetchKeys(): (url: string, options: RequestInit) => Promise<Response> {
  let failedAt = -Infinity;
  return async (url, options) => {
    if (performance.now() < failedAt + AGAIN_MS) throw new Error("they could not be had just now");
    try {
      const response = await fetch(url, { ...options, redirect: "manual" });
      const text = await boundedText(response, MAX_JWKS_BYTES);
      const { keys } = JSON.parse(text) as { keys?: unknown };
      if (response.status === 200 && Array.isArray(keys)) return new Response(text);
      throw new Error("these are no keys");
    } catch (error) {
      failedAt = performance.now();
      throw error;
    }
  };
}

/** A claim is a path or a list of them; anything else allows nothing. */
function pathsIn(claim: unknown): string[] {
  const list = Array.isArray(claim) ? claim : [claim];
  return list.filter((path) => typeof path === "string");
}
