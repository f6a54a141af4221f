/**
 * Lets in only who holds a signed token: `?token=<expires>.<mac>` in the stream name or the URL.
 * The MAC is HMAC-SHA-256 over `<action>\n<app>/<name>\n<expires>` in base64url without padding,
 * keyed with the UTF-8 bytes of SLUICE_TOKEN_SECRET. Make a token with `tools/sign_token.ts`.
 *
 * A token is checked when a publish or a play begins; what runs then goes on after it expires.
 *
 * @module
 */
import { definePlugin, type PlayContext, type PluginFactory, refuse } from "../src/plugin/api.ts";

/** What a token allows. */
export interface Grant {
  readonly action: "publish" | "play";
  readonly app: string;
  readonly name: string;
  /** Seconds since 1970 at which the token stops to work. */
  readonly expires: number;
}

/** Makes the plugin. `now` tells milliseconds since 1970. @throws {Error} on a missing or short secret */
export function tokenAuth(secret: string | undefined, now: () => number = Date.now) {
  const key = importKey(requireSecret(secret));

  async function check(action: Grant["action"], { app, name, query }: PlayContext) {
    const [, expires, mac] = /^(\d{1,11})\.([\w-]{43})$/.exec(query.get("token") ?? "") ?? [];
    if (expires === undefined || mac === undefined) return refuse("Token required");
    const signed = signedText(action, app, name, expires);
    // verify() compares in constant time.
    const valid = await crypto.subtle.verify("HMAC", await key, fromBase64Url(mac), signed);
    if (!valid) return refuse("Token invalid");
    if (now() >= Number(expires) * 1000) return refuse("Token expired");
  }

  return definePlugin({
    name: "token_auth",
    onPublish: (context) => check("publish", context),
    onPlay: (context) => check("play", context),
  });
}

/** Makes the plugin from the environment. */
const fromEnvironment: PluginFactory = (env) => tokenAuth(env.SLUICE_TOKEN_SECRET);
export default fromEnvironment;

/** Signs a token. @throws {Error} on a missing or short secret */
export async function signToken(secret: string | undefined, grant: Grant): Promise<string> {
  const { action, app, name, expires } = grant;
  const key = await importKey(requireSecret(secret));
  const mac = await crypto.subtle.sign("HMAC", key, signedText(action, app, name, `${expires}`));
  return `${expires}.${toBase64Url(new Uint8Array(mac))}`;
}

function requireSecret(secret = ""): string {
  if (secret.length >= 16) return secret;
  throw new Error(
    `SLUICE_TOKEN_SECRET ${secret === "" ? "is not set" : "is too short"}: ` +
      "set it to 16 characters or more, such as the output of `openssl rand -hex 32`",
  );
}

function importKey(secret: string): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const bytes = new TextEncoder().encode(secret);
  return crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]);
}

function signedText(action: string, app: string, name: string, expires: string) {
  return new TextEncoder().encode(`${action}\n${app}/${name}\n${expires}`);
}

function toBase64Url(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(text: string) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}
