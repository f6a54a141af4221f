/**
 * The keys of an RTMFP session as an independent initiator makes them, by node:crypto and a power of its
 * own.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash, createHmac, randomBytes } from "node:crypto";
import { Bytes, type Guard, opt, vlu } from "./wire.ts";

/** The prime of the group of 1024 bits, from RFC 2409 §6.2. */
const PRIME = BigInt(
  "0x" + "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22" +
    "514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9" +
    "A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF",
);

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % PRIME;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = result * square % PRIME;
    square = square * square % PRIME;
  }
  return result;
}

/** Without zeros ahead. */
function bytesOf(number: bigint): Buffer {
  const hex = number.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
}

const hmac = (key: Uint8Array, message: Uint8Array) =>
  createHmac("sha256", key).update(message).digest();

/** How an initiator wants its packets guarded. */
export interface Wishes {
  /** Sends codes of this length always, and asks for them. */
  readonly codeLength?: number;
  /** Numbers its packets, and asks for that. */
  readonly numbered?: boolean;
  /** Its certificate has the key; the keying component chooses it. */
  readonly fixedKey?: boolean;
}

/** One side's secret. */
export class Initiator {
  readonly certificate: Buffer;
  readonly component: Buffer;
  readonly #exponent: bigint;
  readonly #wishes: Wishes;

  constructor(wishes: Wishes = {}) {
    this.#wishes = wishes;
    this.#exponent = BigInt(`0x${randomBytes(48).toString("hex")}`);
    const key = Buffer.concat([vlu(2), bytesOf(power(2n, this.#exponent))]);
    const { fixedKey = false, codeLength, numbered = false } = wishes;
    this.certificate = fixedKey
      ? opt(0x1d, key)
      : Buffer.concat([opt(0x15, vlu(2)), opt(0x0e, randomBytes(64))]);
    this.component = Buffer.concat([
      fixedKey ? Buffer.concat([opt(0x1d, vlu(2)), opt(0x0e, randomBytes(64))]) : opt(0x0d, key),
      ...codeLength === undefined ? [] : [opt(0x1a, Buffer.from([7, codeLength]))],
      ...numbered ? [opt(0x1e, Buffer.from([7]))] : [],
    ]);
  }

  /** The hash of the certificate, by which peers name one another. */
  get peerId(): string {
    return createHash("sha256").update(this.certificate).digest("hex");
  }

  /** What packets are guarded with, by what the responder brought. */
  finish(responder: Uint8Array): { readonly outbound: Guard; readonly inbound: Guard } {
    const options = new Map<number, Buffer>();
    const list = new Bytes(responder);
    while (list.left > 0) {
      const value = new Bytes(list.field());
      options.set(value.vlu(), value.rest());
    }
    const theirs = new Bytes(options.get(0x0d)!);
    if (theirs.vlu() !== 2) throw new Error("another group");
    const secret = bytesOf(power(BigInt(`0x${theirs.rest().toString("hex")}`), this.#exponent));
    const out = hmac(secret, hmac(responder, this.component));
    const into = hmac(secret, hmac(this.component, responder));
    const codes = options.get(0x1a) ?? Buffer.alloc(2);
    const guard = (derived: Buffer, codeLength: number | undefined, numbered: boolean): Guard => ({
      key: derived.subarray(0, 16),
      numbered,
      ...codeLength !== undefined && { codeKey: hmac(secret, derived), codeLength },
    });
    const { codeLength, numbered = false } = this.#wishes;
    const said = options.get(0x1e) ?? Buffer.alloc(1);
    if (codeLength !== undefined && (codes[0]! & 4) === 0) throw new Error("sends no codes");
    if (numbered && (said[0]! & 4) === 0) throw new Error("numbers nothing");
    return {
      outbound: guard(out, codeLength, numbered),
      inbound: guard(into, codeLength === undefined ? undefined : codes[1]!, numbered),
    };
  }
}
