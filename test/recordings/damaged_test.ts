/** Damaged files: whatever is in them, they are refused or played, at a cost that goes with their size. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { clip } from "../support/clips.ts";
import { Mp4File } from "../../src/recordings/mp4_file.ts";
import { BytesSource } from "../support/media_source.ts";
import { PlayedMessages } from "../support/played.ts";
import { type Damage, damaged, find, use, WORDS } from "../support/damaged_files.ts";
import { FFMPEG } from "../support/ffmpeg.ts";
import { collect, finishedMp4, flvTags } from "../support/mux.ts";
import { TestProcess } from "../support/process.ts";
import { checkAsync } from "../support/property.ts";
import { sized } from "../support/figure.ts";

const RUNS = sized(120, 5_000);

const damages: fc.Arbitrary<Damage[]> = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    value: fc.oneof(fc.constantFrom(...WORDS), fc.nat(2 ** 31 - 1)),
    wide: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

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

test("media that would stand before the beginning of the file is left out", async () => {
  const whole = finishedMp4(collect(flvTags(await clip("av"))).tracks);
  const trun = find(whole, "trun");
  // Behind the box's head, its flags and how many samples there are.
  new DataView(whole.buffer).setInt32(trun + 16, -1_000_000);
  await use(whole, "a.mp4", [0, 1000]);
});

/** A file of MP4 with tables. */
async function withTables(): Promise<Uint8Array<ArrayBuffer>> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-damaged-"));
  try {
    const path = join(folder, "a.mp4");
    await using ffmpeg = new TestProcess(FFMPEG, [
      ...["-v", "error", "-i", await clip("bframes"), "-an", "-c", "copy", path],
    ]);
    assert.equal((await ffmpeg.ended()).code, 0);
    return new Uint8Array(readFileSync(path));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a damaged MP4 file with tables is refused or played", async () => {
  const whole = await withTables();
  await survives(whole, "a.mp4", find(whole, "moov"));
});

test("a file that claims hours between two pictures costs what its pictures do, and all of them are played", async () => {
  const bytes = await withTables();
  const view = new DataView(bytes.buffer);
  const timescale = view.getUint32(find(bytes, "mdhd") + 20);
  const times = find(bytes, "stts");
  assert.equal(view.getUint32(times + 12), 1, "all of them last equally long");
  const hours = 2;
  view.setUint32(times + 20, hours * 3600 * timescale);
  const source = new BytesSource(bytes, "a.mp4");
  const file = await Mp4File.open(source, () => false);
  assert.ok(typeof file !== "string");
  let runs = 0;
  for (let at: number | undefined = 0; at !== undefined; runs++) at = (await file.load(at))?.next;
  assert.ok(runs <= 40, `${runs} runs, of which most would be empty`);
  // What is behind 72 hours is left out.
  const last = 35 * hours * 3_600_000;
  assert.ok(Math.abs(file.duration - last) <= 7_200_000, `${file.duration}`);
  const messages = await new PlayedMessages(file, await file.place(0)).rest(400);
  assert.ok(messages.length >= 34, `${messages.length}`);
  assert.ok(source.reads < 1000, `${source.reads} reads`);
  const place = await file.place(last / 2);
  assert.ok(place.time <= last / 2);
});
