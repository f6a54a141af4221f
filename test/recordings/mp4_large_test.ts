/** MP4 files of over 4 GiB, as sparse files of a real disk: 64 bits where boxes and chunks stand. */
import assert from "node:assert/strict";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Mp4File } from "../../src/recordings/mp4_file.ts";
import type { PlayedPlace } from "../../src/recordings/played_file.ts";
import { MediaFiles } from "../../src/storage/media_files.ts";
import { clip } from "../support/clips.ts";
import { FFMPEG } from "../support/ffmpeg.ts";
import { BytesSource } from "../support/media_source.ts";
import { playedFrom } from "../support/played.ts";
import { TestProcess } from "../support/process.ts";

/** What nothing stands in (bytes). */
const HOLE = 5 * 2 ** 30;

let folder: string;
before(() => void (folder = mkdtempSync(join(tmpdir(), "sluice-large-"))));
after(() => rmSync(folder, { recursive: true }));

async function made(...args: string[]): Promise<Uint8Array> {
  const path = join(folder, "small.mp4");
  await using ffmpeg = new TestProcess(FFMPEG, [
    ...["-v", "error", "-nostdin", "-y", "-i", await clip("av"), "-c", "copy", ...args, path],
  ]);
  assert.equal((await ffmpeg.ended()).code, 0);
  return new Uint8Array(readFileSync(path));
}

/** A box as it stands in `bytes`. */
interface Box {
  readonly type: string;
  readonly at: number;
  readonly end: number;
}

function boxesOf(bytes: Uint8Array, from = 0, to: number = bytes.length): Box[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const boxes: Box[] = [];
  for (let at = from; at + 8 <= to;) {
    const end = at + view.getUint32(at);
    boxes.push({ type: String.fromCharCode(...bytes.subarray(at + 4, at + 8)), at, end });
    at = end;
  }
  return boxes;
}

function boxOf(type: string, ...parts: Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, { length }) => sum + length, 8);
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setUint32(0, size);
  bytes.set([...type].map((letter) => letter.charCodeAt(0)), 4);
  let at = 8;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The header of a box of 64 bits. */
function wideHeader(type: string, size: number): Uint8Array {
  const bytes = boxOf(type, new Uint8Array(8));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 1);
  view.setBigUint64(8, BigInt(size));
  return bytes;
}

/** Tables of chunks that stand `further` bytes behind where they are said to. */
function moved(bytes: Uint8Array, { type, at, end }: Box, further: number): Uint8Array {
  if (/^(?:moov|trak|mdia|minf|stbl)$/.test(type)) {
    return boxOf(type, ...boxesOf(bytes, at + 8, end).map((one) => moved(bytes, one, further)));
  }
  if (type !== "stco") return bytes.slice(at, end);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const count = view.getUint32(at + 12);
  const table = new DataView(new ArrayBuffer(8 + 8 * count));
  table.setUint32(4, count);
  for (let index = 0; index < count; index++) {
    const place = view.getUint32(at + 16 + 4 * index) + further;
    table.setBigUint64(8 + 8 * index, BigInt(place));
  }
  return boxOf("co64", new Uint8Array(table.buffer));
}

/** Writes pieces at their places, and nothing between them. */
function write(name: string, ...pieces: (readonly [at: number, bytes: Uint8Array])[]): void {
  const path = join(folder, name);
  const file = openSync(path, "w");
  for (const [at, bytes] of pieces) writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
  assert.ok(statSync(path).size > 2 ** 32);
}

/** The same messages from both, from the beginning and from places in them. */
async function same(name: string, small: Uint8Array): Promise<void> {
  const source = await new MediaFiles(folder).open(name);
  assert.ok(source !== undefined);
  try {
    const large = await Mp4File.open(source);
    const wanted = await Mp4File.open(new BytesSource(small, "a.mp4"));
    assert.ok(large instanceof Mp4File && wanted instanceof Mp4File, `${large}`);
    assert.equal(large.duration, wanted.duration);
    for (const time of [0, 900, 1500]) {
      const place: PlayedPlace = await large.place(time);
      const other: PlayedPlace = await wanted.place(time);
      assert.deepEqual([place.time, place.headers], [other.time, other.headers]);
      const messages = await playedFrom(large, place);
      assert.ok(messages.length > 50);
      assert.deepEqual(messages, await playedFrom(wanted, other));
    }
  } finally {
    await source.close();
  }
}

for (const where of ["in front of", "behind"] as const) {
  test(`chunks beyond 4 GiB are found, with the movie ${where} the media`, async () => {
    const small = await made();
    const boxes = boxesOf(small);
    const [ftyp, mdat, moov] = ["ftyp", "mdat", "moov"].map((type) =>
      boxes.find((box) => box.type === type)!
    ) as [Box, Box, Box];
    const media = small.subarray(mdat.at + 8, mdat.end);
    const head = ftyp.end - ftyp.at;
    // As long as it will be, whatever stands in it.
    const { length } = moved(small, moov, 0);
    const start = where === "behind" ? head : head + length;
    const at = start + 16 + HOLE;
    const movie = moved(small, moov, at - mdat.at - 8);
    write(
      "tables.mp4",
      [0, small.subarray(ftyp.at, ftyp.end)],
      [start, wideHeader("mdat", 16 + HOLE + media.length)],
      [at, media],
      [where === "behind" ? at + media.length : head, movie],
    );
    await same("tables.mp4", small);
  });
}

test("fragments beyond 4 GiB are found, without an index", async () => {
  const small = await made(
    ...["-movflags", "frag_keyframe+empty_moov+delay_moov+default_base_moof+skip_trailer"],
  );
  const second = boxesOf(small).filter(({ type }) => type === "moof")[1]!;
  write(
    "fragments.mp4",
    [0, small.subarray(0, second.at)],
    [second.at, wideHeader("free", 16 + HOLE)],
    [second.at + 16 + HOLE, small.subarray(second.at)],
  );
  await same("fragments.mp4", small);
});
