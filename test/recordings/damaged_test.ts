/** Damaged files: whatever is in them, they are refused or played, at a cost that goes with their size. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { openPlayed } from "../../src/recordings/formats.ts";
import { clip } from "../support/clips.ts";
import { FFMPEG } from "../support/ffmpeg.ts";
import { BytesSource } from "../support/media_source.ts";
import { PlayedMessages } from "../support/played.ts";
import { collect, finishedMp4, flvTags } from "../support/mux.ts";
import { TestProcess } from "../support/process.ts";
import { checkAsync } from "../support/property.ts";
import { sized } from "../support/figure.ts";

const RUNS = sized(120, 5_000);

/** What programs forget to think of. */
const WORDS = [0, 1, 7, 8, 15, 16, 255, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

/** One damage: where, as a share of what may be hit, and what stands there then. */
interface Damage {
  readonly at: number;
  readonly value: number;
  readonly wide: boolean;
}

const damages: fc.Arbitrary<Damage[]> = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    value: fc.oneof(fc.constantFrom(...WORDS), fc.nat(2 ** 31 - 1)),
    wide: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

/** The file with its damages, all between `from` and `to`, and cut. */
function damaged(
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
async function use(bytes: Uint8Array, path: string, times: readonly number[]): Promise<void> {
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

async function survives(
  whole: Uint8Array,
  path: string,
  from = 0,
  to: number = whole.length,
): Promise<void> {
  const cut = fc.oneof(fc.constant(1), fc.double({ min: 0.01, max: 1, noNaN: true }));
  const times = fc.array(fc.oneof(fc.nat(4000), fc.nat()), { minLength: 1, maxLength: 3 });
  await checkAsync(
    fc.asyncProperty(damages, cut, times, async (hits, cut, times) => {
      await use(damaged(whole, from, to, hits, cut), path, times);
    }),
    RUNS,
  );
}

/** Where in a file the text of a box is. */
function find(bytes: Uint8Array, type: string): number {
  return new TextDecoder("latin1").decode(bytes).indexOf(type) - 4;
}

test("a damaged FLV file is refused or played", async () => {
  const whole = new Uint8Array(readFileSync(await clip("av")));
  await survives(whole, "a.flv");
  await survives(whole, "a.flv", 0, 2_000);
});

test("a damaged MP4 file with fragments is refused or played", async () => {
  const whole = finishedMp4(collect(flvTags(await clip("av"))).tracks);
  const moof = find(whole, "moof");
  await survives(whole, "a.mp4", 0, moof);
  await survives(whole, "a.mp4", moof, moof + 1_800);
  await survives(whole, "a.mp4", find(whole, "mfra"));
});

test("a damaged MP4 file with tables is refused or played", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-damaged-"));
  try {
    const path = join(folder, "a.mp4");
    await using ffmpeg = new TestProcess(FFMPEG, [
      ...["-v", "error", "-i", await clip("bframes"), "-c", "copy", path],
    ]);
    assert.equal((await ffmpeg.ended()).code, 0);
    const whole = new Uint8Array(readFileSync(path));
    await survives(whole, "a.mp4", find(whole, "moov"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
