/**
 * The digest handshake a second time, written against node:crypto and in another shape than the
 * code under test, for checks that a shared mistake cannot pass.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";

const SECRET = "8O7CSoBovuguANDRAp5+V27sXS0pgG+rk7jmNs/rMa4=";
const PLAYER = "Genuine Adobe Flash Player 001";
const SERVER = "Genuine Adobe Flash Media Server 001";

/** Who made a packet. */
export type Side = "client" | "server";

/** The bases at which the C1 or S1 `packet` has a right digest of `side`. */
export function digestBases(packet: Uint8Array, side: Side): number[] {
  return [8, 772].filter((base) => {
    const { digest, rest } = split(packet, base);
    return hmac(readable(side), rest) === hex(digest);
  });
}

/** The 32 bytes the C1 or S1 `packet` has where `base` points to. */
export function digestAt(packet: Uint8Array, base: number): Uint8Array {
  return split(packet, base).digest;
}

/** Whether the C2 or S2 `packet` of `side` is signed in answer to `digest`. */
export function isSignedFor(packet: Uint8Array, side: Side, digest: Uint8Array): boolean {
  const key = Buffer.concat([Buffer.from(readable(side)), Buffer.from(SECRET, "base64")]);
  const derived = Buffer.from(hmac(key, digest), "hex");
  return hmac(derived, packet.slice(0, 1504)) === hex(packet.slice(1504));
}

function split(packet: Uint8Array, base: number): { digest: Uint8Array; rest: Uint8Array } {
  const sum = packet.slice(base, base + 4).reduce((a, b) => a + b, 0);
  const at = base + 4 + (sum % 728);
  return {
    digest: packet.slice(at, at + 32),
    rest: Buffer.concat([packet.slice(0, at), packet.slice(at + 32)]),
  };
}

function readable(side: Side): string {
  return side === "client" ? PLAYER : SERVER;
}

function hmac(key: string | Uint8Array, message: Uint8Array): string {
  return createHmac("sha256", key).update(message).digest("hex");
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
