/**
 * Signed tokens in URLs: how they are made and checked, for the plugin `signed_urls` and for `sluice sign`.
 *
 * The query has `token=<expires>.<mac>`, and where the token is for more than one stream `scope`, where it is
 * for some addresses only `from`. The MAC is HMAC-SHA-256 over lines of text: `publish` or `play`; the scope,
 * or else `<app>/<name>`; seconds since 1970; and what is in `from`, if there is one. It is in base64url
 * without padding.
 *
 * @module
 */
import * as v from "valibot";
import { base64Url } from "../core/bytes/base64_url.ts";
import { equalBytes } from "../core/bytes/equal.ts";
import { utf8 } from "../core/bytes/writer.ts";
import { hmacSha256 } from "../core/crypto/hmac_sha256.ts";
import { AddressSet, isAddressRange } from "./address_set.ts";
import { coversPath } from "./path_pattern.ts";

/** Fewest letters of a secret. */
const MIN_SECRET = 16;
/** Longest scope, in UTF-16 units. */
const MAX_SCOPE = 512;

/** What a token may allow. */
export type SignedAction = "publish" | "play";

/** Options of the plugin `signed_urls`. */
export interface SignedUrlOptions {
  /** Tokens are signed with the first one, and taken of each: so that secrets can be changed. */
  secrets: string[];
  /** What needs a token. */
  actions: SignedAction[];
  /** Whether what runs goes on when its token expires. */
  afterExpiry: "run-on" | "end";
}

/** The options, checked. */
export const SignedUrlOptionsShape: v.GenericSchema<Partial<SignedUrlOptions>, SignedUrlOptions> = v
  .strictObject({
    secrets: v.pipe(
      v.array(v.pipe(v.string(), v.minLength(MIN_SECRET, `${MIN_SECRET} characters or more`))),
      v.minLength(1, "one secret or more"),
      v.maxLength(5),
    ),
    actions: v.optional(
      v.pipe(v.array(v.picklist(["publish", "play"])), v.minLength(1, "publish, play or both")),
      ["publish", "play"],
    ),
    afterExpiry: v.optional(v.picklist(["run-on", "end"]), "run-on"),
  });

/** What a token allows. */
export interface SignedGrant {
  readonly action: SignedAction;
  /** `<app>/<name>`, or with `*` at its end all that begin so. */
  readonly scope: string;
  /** Seconds since 1970 at which it stops to count. */
  readonly expires: number;
  /** The only address, or range, that may use it. */
  readonly from?: string | undefined;
}

/** The query that grants it. */
export function signQuery(secret: string, { action, scope, expires, from }: SignedGrant): string {
  const mac = base64Url(hmacSha256(utf8(secret), signedText(action, scope, `${expires}`, from)));
  const more = [
    scope.endsWith("*") ? ["scope", scope] : [],
    from === undefined ? [] : ["from", from],
  ];
  return [["token", `${expires}.${mac}`], ...more].filter((pair) => pair.length > 0)
    .map(([key, value]) => `${key}=${encodeURIComponent(value!).replaceAll("%2F", "/")}`).join("&");
}

/** Checks tokens. */
export class SignedTokens {
  readonly #secrets: readonly Uint8Array[];

  /** Tokens of any of these secrets count. */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets.map((secret) => utf8(secret));
  }

  /**
   * Checks the token in a query. `path` is `<app>/<name>`, `now` in ms since 1970.
   *
   * @returns when it expires (ms since 1970), or why it does not count
   */
  check(
    action: SignedAction,
    path: string,
    address: string,
    query: URLSearchParams,
    now: number,
  ): number | string {
    const [, expires, mac] = /^(\d{1,11})\.([\w-]{43})$/.exec(query.get("token") ?? "") ?? [];
    if (expires === undefined || mac === undefined) return "Token required";
    const scope = query.get("scope") ?? path;
    const from = query.get("from") ?? undefined;
    if (scope.length > MAX_SCOPE || (from !== undefined && !isAddressRange(from))) {
      return "Token invalid";
    }
    const text = signedText(action, scope, expires, from);
    const given = utf8(mac);
    // Of all secrets, so that the time does not tell which of them it was.
    const fitting = this.#secrets.filter((secret) =>
      equalBytes(utf8(base64Url(hmacSha256(secret, text))), given)
    );
    if (fitting.length === 0) return "Token invalid";
    if (!coversPath(scope, path)) return "Token for another stream";
    if (from !== undefined && !new AddressSet([from]).has(address)) {
      return "Token for another address";
    }
    return now >= Number(expires) * 1000 ? "Token expired" : Number(expires) * 1000;
  }
}

function signedText(action: string, scope: string, expires: string, from?: string): Uint8Array {
  return utf8([action, scope, expires, ...from === undefined ? [] : [from]].join("\n"));
}
