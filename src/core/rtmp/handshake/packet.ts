/**
 * Builds the packets of both handshakes, for either side [RTMP 1.0 §5.2.3, §5.2.4].
 *
 * @module
 */

import { UsageError } from "../../errors.ts";
import {
  HANDSHAKE_RANDOM_LENGTH,
  RANDOM_LENGTH,
  RANDOM_OFFSET,
  SIGNED_LENGTH,
} from "./constants.ts";

/** What both sides of a handshake need from outside. */
export interface HandshakeOptions {
  /**
   * At least {@link HANDSHAKE_RANDOM_LENGTH} strong random bytes, used for this handshake alone.
   * Not copied: they must stay unchanged until it is done.
   */
  readonly random: Uint8Array;
  /** Milliseconds from an arbitrary start; goes into our packets modulo 2^32. */
  readonly now: number;
}

/** Random bytes, or what gives them once they are needed: not every peer that comes shakes hands. */
export type RandomBytes = Uint8Array | (() => Uint8Array);

/** @throws {UsageError} if there are too few random bytes */
export function checkOptions(options: HandshakeOptions): void {
  if (options.random.length < HANDSHAKE_RANDOM_LENGTH) {
    throw new UsageError(
      `Cannot shake hands with ${options.random.length} random bytes, ` +
        `expected at least ${HANDSHAKE_RANDOM_LENGTH}`,
    );
  }
}

/**
 * Writes a C1 or S1 without its digest into `packet`. `version` is 0 for the simple handshake, or
 * the version of the program that makes the digest.
 */
export function writeFirst(packet: Uint8Array, options: HandshakeOptions, version: number): void {
  const fields = view(packet);
  fields.setUint32(0, options.now);
  fields.setUint32(4, version);
  packet.set(options.random.subarray(0, RANDOM_LENGTH), RANDOM_OFFSET);
}

/**
 * Writes a C2 or S2 into `packet` that echoes the peer's C1 or S1, all of it. The second field
 * should be the time it was read [RTMP 1.0 §5.2.4], but librtmp, and with it OBS, compares all
 * 1536 bytes and warns its user of a difference, while nobody reads that time.
 */
export function writeEcho(packet: Uint8Array, peer: Uint8Array): void {
  packet.set(peer);
}

/** Writes the part of a C2 or S2 into `packet` that is going to be signed. */
export function writeUnsigned(packet: Uint8Array, random: Uint8Array): void {
  packet.set(random.subarray(RANDOM_LENGTH, RANDOM_LENGTH + SIGNED_LENGTH));
}

/** The version field of a C1 or S1: 0 in the simple handshake. */
export function versionOf(packet: Uint8Array): number {
  return view(packet).getUint32(4);
}

function view(packet: Uint8Array): DataView {
  return new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
}
