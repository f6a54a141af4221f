/**
 * The client's side of RTMPE a second time, by node:crypto and in another shape than the code under
 * test, so that a mistake in both is unlikely.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";

const PRIME = BigInt(
  "0xffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e34" +
    "04ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5c" +
    "b6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff",
);

/** Where packets have what: the digest's pointer and start, the key's pointer and start. */
const LAYOUTS = {
  772: { digest: [772, 776], key: [768, 8] },
  8: { digest: [8, 12], key: [1532, 772] },
} as const;

type Layout = keyof typeof LAYOUTS;

function sum(packet: Uint8Array, at: number): number {
  return packet.slice(at, at + 4).reduce((total, byte) => total + byte, 0);
}

/** Where the key and the digest of a packet are. */
export function placesIn(packet: Uint8Array, layout: Layout): { key: number; digest: number } {
  const { digest, key } = LAYOUTS[layout];
  return {
    key: key[1] + sum(packet, key[0]) % 632,
    digest: digest[1] + sum(packet, digest[0]) % 728,
  };
}

function power(base: bigint, exponent: bigint): bigint {
  if (exponent === 0n) return 1n;
  const half = power(base * base % PRIME, exponent >> 1n);
  return exponent & 1n ? half * base % PRIME : half;
}

const padded = (number: bigint) => Buffer.from(number.toString(16).padStart(256, "0"), "hex");

/** A key stream; each call of it takes the next bytes. */
function keyStream(key: Uint8Array): (bytes: Uint8Array) => Uint8Array {
  const table = [...Array(256).keys()];
  const swap = (a: number, b: number) => [table[a], table[b]] = [table[b]!, table[a]!];
  let [a, b] = [0, 0];
  for (const index of [...table]) {
    b = (b + table[index]! + key[index % key.length]!) % 256;
    swap(index, b);
  }
  b = 0;
  return (bytes) =>
    bytes.map((byte) => {
      a = (a + 1) % 256;
      b = (b + table[a]!) % 256;
      swap(a, b);
      return byte ^ table[(table[a]! + table[b]!) % 256]!;
    });
}

/** A client that is about to shake hands. */
export class RtmpeClient {
  /** C0 and C1. */
  readonly hello: Uint8Array;
  readonly #layout: Layout;
  readonly #exponent: bigint;
  readonly #key: Uint8Array;
  #encrypt: ((bytes: Uint8Array) => Uint8Array) | undefined;
  #decrypt: ((bytes: Uint8Array) => Uint8Array) | undefined;

  /** `noise`: random bytes, 1536 of them at least; `version`: C0. */
  constructor(noise: Uint8Array, layout: Layout = 772, version = 6) {
    this.#layout = layout;
    this.#exponent = BigInt(`0x${Buffer.from(noise.slice(0, 40)).toString("hex")}`);
    this.#key = padded(power(2n, this.#exponent));
    const c1 = Uint8Array.from(noise.slice(0, 1536));
    c1.set([128, 0, 3, 2], 4);
    // The client's own key must not lie under its digest either.
    for (;; c1[LAYOUTS[layout].digest[0]]!++) {
      c1.set(this.#key, placesIn(c1, layout).key);
      const { key, digest } = placesIn(c1, layout);
      const pointer = LAYOUTS[layout].key[0];
      const apart = (at: number, length: number) => digest + 32 <= at || digest >= at + length;
      if (apart(key, 128) && apart(pointer, 4)) break;
    }
    const at = placesIn(c1, layout).digest;
    const signed = Buffer.concat([c1.slice(0, at), c1.slice(at + 32)]);
    c1.set(createHmac("sha256", "Genuine Adobe Flash Player 001").update(signed).digest(), at);
    this.hello = Buffer.concat([Buffer.of(version), c1]);
  }

  /** Takes S1; `layout`: where it looks for the server's key. */
  answer(s1: Uint8Array, layout: Layout = this.#layout): void {
    const at = placesIn(s1, layout).key;
    const theirs = s1.slice(at, at + 128);
    const number = BigInt(`0x${Buffer.from(theirs).toString("hex")}`);
    const secret = padded(power(number, this.#exponent));
    const cipher = (key: Uint8Array) => {
      const stream = keyStream(createHmac("sha256", secret).update(key).digest().subarray(0, 16));
      stream(new Uint8Array(1536));
      return stream;
    };
    this.#encrypt = cipher(theirs);
    this.#decrypt = cipher(this.#key);
  }

  /** What goes behind C2. */
  encrypt(bytes: Uint8Array): Uint8Array {
    return this.#encrypt!(bytes);
  }

  /** What came behind S2. */
  decrypt(bytes: Uint8Array): Uint8Array {
    return this.#decrypt!(bytes);
  }
}
