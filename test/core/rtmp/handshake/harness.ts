/**
 * What the handshake tests share.
 *
 * @module
 */

import { ProtocolError } from "../../../../src/core/errors.ts";
import { random } from "../../../support/feed.ts";

/** Bytes in front of the chunk stream, in either direction. */
export const HANDSHAKE_LENGTH = 1 + 1536 + 1536;

/** The five parts of one direction. */
export interface Packets {
  readonly version: number;
  /** C1 or S1. */
  readonly first: Uint8Array;
  /** C2 or S2. */
  readonly second: Uint8Array;
  /** What comes after the handshake. */
  readonly rest: Uint8Array;
}

/** Takes one direction of a connection apart. */
export function packetsOf(bytes: Uint8Array): Packets {
  return {
    version: bytes[0],
    first: bytes.slice(1, 1537),
    second: bytes.slice(1537, HANDSHAKE_LENGTH),
    rest: bytes.slice(HANDSHAKE_LENGTH),
  };
}

/** `length` reproducible bytes. */
export function noise(length: number, seed = 7): Uint8Array {
  const next = random(seed);
  return Uint8Array.from({ length }, () => Math.floor(next() * 256));
}

/** Either side of a handshake. */
export interface Side {
  readonly done: boolean;
  readonly kind: string;
  receive(input: Uint8Array, offset: number, write: (bytes: Uint8Array) => void): number;
}

/** What a handshake made of its input. */
export interface Outcome {
  readonly state: "done" | "pending" | "refused";
  readonly kind: string;
  /** Each write, copied when it came. */
  readonly writes: Uint8Array[];
  /** What was left of the input, in the order it came. */
  readonly rest: Uint8Array;
}

/**
 * Feeds `segments` to `side`. Each is overwritten afterwards, as the transport may do, and so is
 * found out if something still points there. Errors other than ProtocolError pass through.
 */
export function run(side: Side, segments: Uint8Array[]): Outcome {
  const writes: Uint8Array[] = [];
  const rest: number[] = [];
  for (const segment of segments) {
    // Something in front of the segment, so that offset 0 is not all that works.
    const input = Uint8Array.of(0xaa, 0xbb, ...segment);
    let end: number;
    try {
      end = side.receive(input, 2, (bytes) => writes.push(bytes));
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.code !== "handshake") throw error;
      return { state: "refused", kind: side.kind, writes, rest: Uint8Array.from(rest) };
    }
    rest.push(...input.subarray(end));
    input.fill(0xee);
  }
  const state = side.done ? "done" : "pending";
  return { state, kind: side.kind, writes, rest: Uint8Array.from(rest) };
}
