/**
 * Reads MPEG transport streams by code of its own, and checks what holds for any of them
 * [ISO/IEC 13818-1 §2.4.3].
 *
 * @module
 */
import assert from "node:assert/strict";
import { TsSegmentWriter } from "../../src/core/mpegts/mod.ts";
import type { Collected } from "./mux.ts";

/** A packet of an elementary stream. */
export interface PesPacket {
  readonly pid: number;
  readonly streamId: number;
  /** 90 kHz, 33 bits. */
  readonly pts: number;
  readonly dts: number;
  /** random_access_indicator of its first packet. */
  readonly key: boolean;
  /** Clock in its first packet, in 27 MHz. */
  readonly clock: number | undefined;
  readonly data: number[];
}

/** Bytes in, packets out; counters go on from one call to the next. */
export class TsReader {
  /** What the last program map said: stream types by packet id. */
  readonly types = new Map<number, number>();
  readonly packets: PesPacket[] = [];
  /** All clocks in their order, in 27 MHz. */
  readonly clocks: number[] = [];
  pcrPid = -1;
  readonly #counters = new Map<number, number>();
  readonly #open = new Map<number, { bytes: number[]; key: boolean; clock: number | undefined }>();

  /** Takes whole packets. */
  add(bytes: Uint8Array): void {
    assert.equal(bytes.length % 188, 0, "whole packets");
    for (let at = 0; at < bytes.length; at += 188) this.#packet(bytes.subarray(at, at + 188));
    for (const pid of this.#open.keys()) this.#close(pid);
  }

  #packet(bytes: Uint8Array): void {
    assert.equal(bytes[0], 0x47);
    const first = (bytes[1]! & 0x40) !== 0;
    const pid = (bytes[1]! & 31) << 8 | bytes[2]!;
    const control = bytes[3]! >> 4;
    assert.ok(control >= 1 && control <= 3, "not scrambled, and something in it");
    const before = this.#counters.get(pid);
    const step = (control & 1) === 1 ? 1 : 0;
    if (before !== undefined) {
      assert.equal(bytes[3]! & 15, (before + step) & 15, `continuity of ${pid}`);
    }
    this.#counters.set(pid, bytes[3]! & 15);
    let at = 4;
    let key = false;
    let clock: number | undefined;
    if ((control & 2) !== 0) {
      const length = bytes[4]!;
      assert.ok(length <= (control === 2 ? 183 : 182), "the adaptation field fits");
      if (length > 0) {
        key = (bytes[5]! & 0x40) !== 0;
        if ((bytes[5]! & 0x10) !== 0) {
          const base =
            ((bytes[6]! << 24 | bytes[7]! << 16 | bytes[8]! << 8 | bytes[9]!) >>> 0) * 2 +
            (bytes[10]! >> 7);
          clock = base * 300 + (bytes[10]! & 1) * 256 + bytes[11]!;
          assert.equal(pid, this.pcrPid, "the clock is where the map says");
          this.clocks.push(clock);
        }
        const used = 6 + (clock === undefined ? 0 : 6);
        assert.ok(bytes.subarray(used, 5 + length).every((byte) => byte === 255), "stuffing");
      }
      at += 1 + length;
    }
    if ((control & 1) === 0) return;
    const payload = [...bytes.subarray(at)];
    if (pid === 0) this.#association(payload);
    else if (pid === 0x1000) this.#map(payload);
    else if (first) {
      this.#close(pid);
      this.#open.set(pid, { bytes: payload, key, clock });
    } else {
      const open = this.#open.get(pid);
      assert.ok(open !== undefined, "a packet goes on that has begun");
      for (const byte of payload) open.bytes.push(byte);
    }
  }

  #close(pid: number): void {
    const open = this.#open.get(pid);
    if (open === undefined) return;
    this.#open.delete(pid);
    const { bytes, key, clock } = open;
    assert.deepEqual(bytes.slice(0, 3), [0, 0, 1], "a packet of an elementary stream");
    const length = bytes[4]! << 8 | bytes[5]!;
    if (length > 0) assert.equal(bytes.length, length + 6, "it is as long as it says");
    assert.equal(bytes[6]! >> 6, 2);
    const flags = bytes[7]! >> 6;
    assert.equal(bytes[8], flags === 3 ? 10 : 5);
    const pts = time(bytes, 9, flags === 3 ? 3 : 2);
    const dts = flags === 3 ? time(bytes, 14, 1) : pts;
    assert.ok(this.types.has(pid), "the map came before the stream");
    const data = bytes.slice(9 + bytes[8]!);
    this.packets.push({ pid, streamId: bytes[3]!, pts, dts, key, clock, data });
  }

  #association(payload: readonly number[]): void {
    const table = section(payload);
    assert.deepEqual(table.slice(8), [0, 1, 0xf0, 0], "one program, and its map");
  }

  #map(payload: readonly number[]): void {
    const table = section(payload);
    this.pcrPid = (table[8]! & 31) << 8 | table[9]!;
    let at = 12 + ((table[10]! & 15) << 8 | table[11]!);
    while (at < table.length) {
      this.types.set((table[at + 1]! & 31) << 8 | table[at + 2]!, table[at]!);
      at += 5 + ((table[at + 3]! & 15) << 8 | table[at + 4]!);
    }
  }
}

function section(payload: readonly number[]): number[] {
  const length = (payload[2]! & 15) << 8 | payload[3]!;
  const table = payload.slice(1, 4 + length);
  // The checksum of a section with its checksum is 0.
  assert.equal(table.reduce((sum, byte) => crcStep(sum, byte), 0xffff_ffff) >>> 0, 0, "checksum");
  assert.ok(payload.slice(4 + length).every((byte) => byte === 255));
  return table.slice(0, -4);
}

/** Bit by bit, as the standard draws it. */
function crcStep(sum: number, byte: number): number {
  for (let bit = 7; bit >= 0; bit--) {
    const out = (sum >>> 31) ^ (byte >> bit & 1);
    sum = (sum << 1) >>> 0;
    if (out === 1) sum = (sum ^ 0x04c1_1db7) >>> 0;
  }
  return sum;
}

function time(bytes: readonly number[], at: number, mark: number): number {
  assert.equal(bytes[at]! >> 4, mark);
  for (const index of [0, 2, 4]) assert.equal(bytes[at + index]! & 1, 1, "marker bits");
  return (bytes[at]! >> 1 & 7) * 2 ** 30 + (bytes[at + 1]! << 22) + (bytes[at + 2]! >> 1 << 15) +
    (bytes[at + 3]! << 7) + (bytes[at + 4]! >> 1);
}

/** The segments of a transport stream of so many milliseconds each. */
export function tsSegments(
  tracks: readonly Collected[],
  segmentMs: number,
  offsetMs?: number,
): Uint8Array[] {
  const writer = new TsSegmentWriter(
    tracks.map(({ track: { id, format } }) => ({ id, format })),
    offsetMs,
  );
  const segments: Uint8Array[] = [];
  const left = tracks.map(({ track, samples }) => ({ track, samples: [...samples] }));
  for (let until = segmentMs; left.some(({ samples }) => samples.length > 0); until += segmentMs) {
    segments.push(writer.segment(left.map(({ track, samples }) => {
      const end = until / 1000 * track.format.timescale;
      const count = samples.findIndex(({ dts }) => dts >= end);
      return { id: track.id, samples: samples.splice(0, count < 0 ? samples.length : count) };
    })));
  }
  assert.equal(writer.dropped, 0);
  return segments;
}
