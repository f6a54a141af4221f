/**
 * The authentication of Flash Media Server, as a server does it: `connect` is refused twice, each time saying
 * what the next one must have behind the application. What the client proves is a digest of a password, a
 * salt, and a challenge of ours, which carries its own seal: nothing is kept for clients that do not come back.
 *
 * @module
 */
import { md5 } from "../../core/bytes/md5.ts";
import { base64Url } from "../../core/bytes/base64_url.ts";
import { equalBytes } from "../../core/bytes/equal.ts";
import { utf8 } from "../../core/bytes/writer.ts";
import { hmacSha256 } from "../../core/crypto/hmac_sha256.ts";
import type { LoginAnswer } from "../../plugin/mod.ts";

/** Letters of 16 bytes in base64. Some releases of librtmp send more behind them, which they did not mean to. */
const RESPONSE_LENGTH = 24;

/** Longest name of a user, in UTF-16 units: it may be a token. */
const MAX_USER = 4096;
/** How long a challenge may be answered (ms). */
const CHALLENGE_MS = 60_000;
/** Challenges that were answered and cannot be again. */
const MAX_ANSWERED = 10_000;

/** Sizes of what a challenge is made of (bytes): text of 24 letters, because FFmpeg reads 255 in all. */
const TIME_BYTES = 4;
const RANDOM_BYTES = 4;
const SEAL_BYTES = 10;
/** Size of a salt (bytes). */
const SALT_BYTES = 6;
const SECRET_BYTES = 32;

const REJECT = "[ AccessManager.Reject ] : ";

/** What a client is told that has to say who it is. */
export const NEED_LOGIN = `${REJECT}[ code=403 need auth; authmod=adobe ] : `;

/** Who a client says it is, and how it proves that. */
export interface LoginClaim {
  readonly user: string;
  /** The client's own challenge. */
  readonly challenge: string;
  readonly response: string;
  /** Our challenge. */
  readonly opaque: string;
}

/** What a client is told; `failed`: it tried, in vain. `undefined` in its place: it is who it says. */
export interface LoginStep {
  readonly description: string;
  readonly failed: boolean;
}

/** What a client says in the query of its application; `undefined` when it names no user. */
export function readLoginClaim(query: URLSearchParams): LoginClaim | undefined {
  const text = (key: string) => query.get(key) ?? "";
  const user = text("user");
  if (text("authmod") !== "adobe" || user === "" || user.length > MAX_USER) return undefined;
  return {
    user,
    challenge: text("challenge"),
    response: text("response").slice(0, RESPONSE_LENGTH),
    opaque: text("opaque"),
  };
}

/** Challenges clients, and checks what they answer. */
export class Logins {
  readonly #randomBytes: (length: number) => Uint8Array;
  #secretBytes: Uint8Array | undefined;
  /** Challenges that were answered rightly, the oldest first. */
  readonly #answered = new Set<string>();

  constructor(randomBytes: (length: number) => Uint8Array) {
    this.#randomBytes = randomBytes;
  }

  /** The next step of a client, or `undefined` when it has proven who it is. `now` in ms. */
  step(claim: LoginClaim, known: LoginAnswer, now: number): LoginStep | undefined {
    if (known.kind === "proven") return undefined;
    const { user, opaque, response, challenge } = claim;
    const salt = known.kind === "digest" ? known.salt : this.#saltOf(user);
    if (response === "") {
      const ours = this.#challenge(now);
      return {
        description: `${REJECT}[ authmod=adobe ] : ?reason=needauth&user=${user}` +
          `&salt=${salt}&challenge=${ours}&opaque=${ours}`,
        failed: false,
      };
    }
    // A user who is not known is like one with another password.
    const password = known.kind === "password" ? known.password : undefined;
    const secret = known.kind === "digest"
      ? known.digest
      : digest(`${user}${salt}${password ?? ""}`);
    const right = digest(`${secret}${opaque}${challenge}`);
    const isKnown = password !== undefined || known.kind === "digest";
    if (isKnown && equalBytes(utf8(right), utf8(response)) && this.#takes(opaque, now)) {
      return undefined;
    }
    return {
      description: `${REJECT}[ authmod=adobe ] : ?reason=authfailed&opaque=${opaque}`,
      failed: true,
    };
  }

  get #secret(): Uint8Array {
    return this.#secretBytes ??= this.#randomBytes(SECRET_BYTES);
  }

  /** The same each time, also for those who do not exist. */
  #saltOf(user: string): string {
    return base64Url(hmacSha256(this.#secret, utf8(`salt ${user}`)).subarray(0, SALT_BYTES));
  }

  #challenge(now: number): string {
    const bytes = new Uint8Array(TIME_BYTES + RANDOM_BYTES + SEAL_BYTES);
    new DataView(bytes.buffer).setUint32(0, Math.floor(now / 1000));
    bytes.set(this.#randomBytes(RANDOM_BYTES), TIME_BYTES);
    bytes.set(this.#sealOf(bytes), TIME_BYTES + RANDOM_BYTES);
    return base64Url(bytes);
  }

  #sealOf(bytes: Uint8Array): Uint8Array {
    const text = base64Url(bytes.subarray(0, TIME_BYTES + RANDOM_BYTES));
    return hmacSha256(this.#secret, utf8(`challenge ${text}`)).subarray(0, SEAL_BYTES);
  }

  /** Whether a challenge is one of ours, of now, and was not answered before. */
  #takes(opaque: string, now: number): boolean {
    if (!/^[\w-]{24}$/.test(opaque)) return false;
    const bytes = Uint8Array.fromBase64(opaque, { alphabet: "base64url" });
    if (!equalBytes(this.#sealOf(bytes), bytes.subarray(TIME_BYTES + RANDOM_BYTES))) return false;
    const age = now - new DataView(bytes.buffer).getUint32(0) * 1000;
    if (age < 0 || age >= CHALLENGE_MS || this.#answered.has(opaque)) return false;
    for (const oldest of this.#answered) {
      if (this.#answered.size < MAX_ANSWERED) break;
      this.#answered.delete(oldest);
    }
    this.#answered.add(opaque);
    return true;
  }
}

function digest(text: string): string {
  return btoa(String.fromCharCode(...md5(utf8(text))));
}
