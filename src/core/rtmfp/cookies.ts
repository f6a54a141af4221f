/**
 * Cookies [RFC 7016 §3.5.1.1.2]: who brings one back gets what is sent to its address. They are
 * codes of that address and of the time, so that nothing is kept for them.
 *
 * @module
 */
import { HmacSha256 } from "../crypto/hmac_sha256.ts";
import { utf8 } from "../bytes/writer.ts";

/** How long a cookie is good for, seconds [RFC 7016 §3.5.1.1.2]. */
export const COOKIE_SECONDS = 95;

/** Bytes of the time in front of a cookie: seconds, of which 65536 are longer than any cookie lives. */
const TIME_LENGTH = 2;

/** Bytes of a cookie at least: shorter ones could be guessed. */
export const MIN_COOKIE_LENGTH: number = TIME_LENGTH + 8;

/** Bytes of a cookie at the most: longer ones are no better. */
export const MAX_COOKIE_LENGTH: number = TIME_LENGTH + 32;

/** Makes and knows cookies. */
export class Cookies {
  readonly #hmac: HmacSha256;

  /** `secret`: strong random bytes. */
  constructor(secret: Uint8Array) {
    this.#hmac = new HmacSha256(secret);
  }

  /** A cookie of `length` bytes for `address`; `now` in ms. */
  make(address: string, now: number, length: number): Uint8Array {
    const seconds = Math.floor(now / 1000) % 0x10000;
    return this.#cookie(address, seconds).slice(0, length);
  }

  /** Whether a cookie was made for `address`, and not long ago. */
  isGood(cookie: Uint8Array, address: string, now: number): boolean {
    if (cookie.length < MIN_COOKIE_LENGTH || cookie.length > MAX_COOKIE_LENGTH) return false;
    const seconds = cookie[0]! << 8 | cookie[1]!;
    const age = (Math.floor(now / 1000) - seconds) % 0x10000;
    if ((age < 0 ? age + 0x10000 : age) > COOKIE_SECONDS) return false;
    const own = this.#cookie(address, seconds);
    let different = 0;
    for (let i = 0; i < cookie.length; i++) different |= cookie[i]! ^ own[i]!;
    return different === 0;
  }

  #cookie(address: string, seconds: number): Uint8Array {
    const cookie = new Uint8Array(MAX_COOKIE_LENGTH);
    cookie[0] = seconds >> 8;
    cookie[1] = seconds;
    const code = this.#hmac.update(cookie, 0, TIME_LENGTH).update(utf8(address)).digest();
    cookie.set(code, TIME_LENGTH);
    return cookie;
  }
}
