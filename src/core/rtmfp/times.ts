/**
 * Times in packets [RFC 7016 §2.2.4]: each says when it was sent, and gives back what the newest one of the
 * peer said, by which round trips are measured.
 *
 * @module
 */
import { PacketFlag } from "./chunk_types.ts";
import type { PacketReader } from "./reader.ts";

/** Ms of the unit of times. */
const UNIT_MS = 4;

/** Where times begin again. */
const MODULUS = 0x10000;

/** A time of the peer that is older is not given back (ms). */
const MAX_ECHO_MS = 128_000;

/** The times of one session. */
export class PacketTimes {
  /** The newest time of the peer, when it came, and whether it was given back. */
  #theirs: number | undefined;
  #theirsAt = 0;
  #echoed = false;
  /** What the peer last gave back. */
  #lastEcho: number | undefined;

  /** Reads the times behind the flags of a packet. Returns the round trip that they tell (ms), if any. */
  read(flags: number, reader: PacketReader, now: number): number | undefined {
    if ((flags & PacketFlag.Timestamp) !== 0) {
      const time = reader.u16();
      if (this.#theirs === undefined || isAhead(time, this.#theirs)) {
        this.#theirs = time;
        this.#theirsAt = now;
        this.#echoed = false;
      }
    }
    if ((flags & PacketFlag.TimestampEcho) === 0) return undefined;
    const echo = reader.u16();
    if (echo === this.#lastEcho) return undefined;
    this.#lastEcho = echo;
    const units = (unitsOf(now) - echo + MODULUS) % MODULUS;
    return units < MODULUS / 2 ? units * UNIT_MS : undefined;
  }

  /** Writes flags and times so that they end at `end`. Returns where they begin. */
  write(bytes: Uint8Array, end: number, flags: number, now: number): number {
    const kept = now - this.#theirsAt;
    const echoes = this.#theirs !== undefined && !this.#echoed && kept < MAX_ECHO_MS;
    const start = end - (echoes ? 5 : 3);
    bytes[start] = flags | PacketFlag.Timestamp | (echoes ? PacketFlag.TimestampEcho : 0);
    const time = unitsOf(now);
    bytes[start + 1] = time >> 8;
    bytes[start + 2] = time;
    if (echoes) {
      const echo = (this.#theirs! + Math.floor(kept / UNIT_MS)) % MODULUS;
      bytes[start + 3] = echo >> 8;
      bytes[start + 4] = echo;
      this.#echoed = true;
    }
    return start;
  }
}

function isAhead(one: number, other: number): boolean {
  const ahead = (one - other + MODULUS) % MODULUS;
  return ahead > 0 && ahead < MODULUS / 2;
}

function unitsOf(ms: number): number {
  return Math.floor(ms / UNIT_MS) % MODULUS;
}
