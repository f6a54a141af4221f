/**
 * Damages files of media, and plays what is left of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { openPlayed } from "../../src/recordings/formats.ts";
import { BytesSource } from "./media_source.ts";
import { PlayedMessages } from "./played.ts";

/** What programs forget to think of. */
export const WORDS: readonly number[] = [
  0,
  1,
  7,
  8,
  15,
  16,
  255,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
];

/** One damage: where, as a share of what may be hit, and what stands there then. */
export interface Damage {
  readonly at: number;
  readonly value: number;
  readonly wide: boolean;
}

/** The file with its damages, all between `from` and `to`, and cut. */
export function damaged(
  whole: Uint8Array,
  from: number,
  to: number,
  hits: readonly Damage[],
  cut: number,
): Uint8Array {
  const bytes = whole.slice(0, Math.ceil(whole.length * cut));
  const view = new DataView(bytes.buffer);
  for (const { at, value, wide } of hits) {
    const place = Math.floor(from + at * (to - from));
    if (place + 4 > bytes.length) continue;
    if (wide) view.setUint32(place, value);
    else bytes[place] = value;
  }
  return bytes;
}

/** Opens it, looks for places, and plays it from each. */
export async function use(
  bytes: Uint8Array,
  path: string,
  times: readonly number[],
): Promise<void> {
  const source = new BytesSource(bytes, path);
  const file = await openPlayed(source, () => false);
  if (typeof file === "string") return;
  assert.ok(file.duration >= 0 && Number.isFinite(file.duration));
  assert.ok(file.metadata.length < 200_000);
  for (const time of times) {
    const place = await file.place(time);
    assert.ok(place.time >= 0 && Number.isFinite(place.time));
    for (const { time, payload } of await new PlayedMessages(file, place).rest(400)) {
      assert.ok(time >= 0 && time < 2 ** 32, String(time));
      assert.ok(payload.length <= bytes.length + 16);
    }
  }
  // Halving and looking for the next whole message are all that costs more than its own bytes.
  assert.ok(source.bytesRead < 64 * 1024 * 1024 + 64 * bytes.length, `${source.bytesRead} bytes`);
  assert.ok(source.reads < 30_000, `${source.reads} reads`);
}

/** Where in a file the text of a box is. */
export function find(bytes: Uint8Array, type: string): number {
  return new TextDecoder("latin1").decode(bytes).indexOf(type) - 4;
}
