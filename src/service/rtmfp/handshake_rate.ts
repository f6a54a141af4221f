/**
 * How many clients of RTMFP get keys in a second: each costs some milliseconds of two powers of 1024 bits,
 * and nothing but a cookie that any address gets.
 *
 * @module
 */

/** Handshakes in a second, and how many may come at once: of all, and of one address. */
const ALL = { perSecond: 60, atOnce: 100 };
const ONE = { perSecond: 4, atOnce: 16 };

/** Addresses that are remembered. */
const MAX_ADDRESSES = 1024;

interface Bucket {
  left: number;
  at: number;
}

/** Counts handshakes. */
export class HandshakeRate {
  readonly #all: Bucket = { left: ALL.atOnce, at: 0 };
  readonly #ones = new Map<string, Bucket>();

  /**
   * Whether one more may take place for an address of this `group`, which counts as one; no address is
   * limited without it. `now` in ms.
   */
  take(group: string | undefined, now: number): boolean {
    const one = group === undefined ? undefined : this.#bucketOf(group, now);
    refill(this.#all, ALL, now);
    if (this.#all.left < 1 || (one !== undefined && one.left < 1)) return false;
    if (one !== undefined) one.left--;
    this.#all.left--;
    return true;
  }

  #bucketOf(group: string, now: number): Bucket {
    const one = this.#ones.get(group) ?? { left: ONE.atOnce, at: now };
    // Who came last is behind, and the first is who is forgotten.
    this.#ones.delete(group);
    this.#ones.set(group, one);
    if (this.#ones.size > MAX_ADDRESSES) {
      const [oldest] = this.#ones.keys();
      this.#ones.delete(oldest!);
    }
    refill(one, ONE, now);
    return one;
  }
}

function refill(bucket: Bucket, rate: typeof ALL, now: number): void {
  bucket.left = Math.min(rate.atOnce, bucket.left + (now - bucket.at) * rate.perSecond / 1000);
  bucket.at = now;
}
