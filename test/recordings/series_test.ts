/** A recording that was cut into files, played as one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MediaFlag } from "../../src/core/media/mod.ts";
import type { MediaTarget } from "../../src/recordings/folder.ts";
import type { PlayedFile, Stand } from "../../src/recordings/played_file.ts";
import { RecordedSeries } from "../../src/recordings/series.ts";
import { SeriesFile } from "../../src/recordings/series_file.ts";
import { flv, HEADERS, media, MemoryFolder, metadata } from "../support/flv_files.ts";
import { BytesSource } from "../support/media_source.ts";

const PART = flv(metadata([["duration", 0]]), ...HEADERS, ...media(4));

/** What is there of a file under way. */
class Growing {
  readonly sources: BytesSource[] = [];
  readonly target: MediaTarget;
  bytes: Uint8Array;

  constructor(path: string, bytes: Uint8Array) {
    this.bytes = bytes;
    this.target = {
      path,
      read: () => {
        const source = new BytesSource(this.bytes, path);
        this.sources.push(source);
        return Promise.resolve(source);
      },
    } as unknown as MediaTarget;
  }

  /** More of it is there. */
  grow(bytes: Uint8Array): void {
    this.bytes = bytes;
    for (const source of this.sources) source.bytes = bytes;
  }
}

/** Three files of four seconds, one behind the other; the last is under way. */
async function setUp(last = PART) {
  const folder = new MemoryFolder({ "a/1.flv": PART, "a/2.flv": PART });
  const over: boolean[] = [];
  const series = new RecordedSeries(7, () => over.push(true));
  for (const number of [1, 2]) {
    const part = series.begin(number, 7 + (number - 1) * 4000);
    part.onOpen(new Growing(`a/${number}.flv`, PART).target);
    part.onEnd(`a/${number}.flv`);
  }
  const growing = new Growing("a/3.flv", last);
  const part = series.begin(3, 8007);
  part.onOpen(growing.target);
  const file = await SeriesFile.open(series, folder);
  assert.ok(typeof file !== "string");
  return { folder, series, growing, part, file, over };
}

/** Times of pictures that are read from a place on, and what is behind. */
async function read(file: PlayedFile, from: Stand): Promise<{ times: number[]; next: Stand }> {
  const times: number[] = [];
  let next = from;
  for (;;) {
    const end = await file.read(next, ({ kind, time, media }) => {
      if (kind === 9 && (media & MediaFlag.SequenceHeader) === 0) times.push(time);
    });
    if (end === undefined) return { times, next };
    next = end.next;
  }
}

function every40(from: number, to: number): number[] {
  return Array.from({ length: (to - from) / 40 }, (_, number) => from + number * 40);
}

test("files are played one behind the other on one time line, and what comes to the last one", async () => {
  const half = flv(...HEADERS, ...media(2));
  const { file, growing, folder } = await setUp(half);
  assert.equal(file.duration, 9970);
  assert.ok(file.hasVideo);
  const { times, next } = await read(file, await file.place(0));
  assert.deepEqual(times, every40(0, 10_000));
  growing.grow(flv(...HEADERS, ...media(4)));
  assert.deepEqual((await read(file, next)).times, every40(10_000, 12_000));
  await file.measure();
  assert.equal(file.duration, 11_970);
  await file.close();
  assert.ok([...folder.opened, ...growing.sources].every(({ closed }) => closed));
});

test("a place is in the file of its time, with the headers of that file", async () => {
  const { file } = await setUp();
  for (const [to, found] of [[0, 0], [3999, 2000], [4000, 4000], [7000, 6000], [11_999, 10_000]]) {
    const place = await file.place(to!);
    assert.equal(place.time, found);
    const { times } = await read(file, place);
    assert.deepEqual(times, every40(found!, 12_000), `from ${to}`);
    if (found! % 4000 !== 0) assert.equal(place.headers.length, 2);
  }
});

test("a file that begins is waited for in the one before, and played once there is something in it", async () => {
  const { series, part, file, over } = await setUp();
  const { next } = await read(file, await file.place(8000));
  part.onEnd("a/3.flv");
  const fourth = series.begin(4, 12_007);
  assert.deepEqual((await read(file, next)).times, []);
  const growing = new Growing("a/4.flv", new Uint8Array(0));
  fourth.onOpen(growing.target);
  assert.deepEqual((await read(file, next)).times, []);
  // What is sought in it meanwhile is the last that is there.
  assert.equal((await file.place(13_000)).time, 10_000);
  growing.grow(PART);
  assert.deepEqual((await read(file, next)).times, every40(12_000, 16_000));
  assert.deepEqual([series.grows, over], [true, []]);
  series.end();
  assert.ok(series.grows);
  fourth.onEnd("a/4.flv");
  fourth.onEnd("a/4.flv");
  assert.deepEqual([series.grows, over], [false, [true]]);
});

test("files that are gone, or were never finished, are passed over", async () => {
  const { folder, series, file, part } = await setUp();
  folder.files.delete("a/1.flv");
  await file.close();
  const again = await SeriesFile.open(series, folder);
  assert.ok(typeof again !== "string");
  const place = await again.place(0);
  assert.equal(place.time, 4000);
  assert.equal((await again.place(1000)).time, 4000);
  assert.deepEqual((await read(again, place)).times, every40(4000, 12_000));
  part.onEnd();
  assert.equal(series.last?.path, "a/2.flv");
  assert.equal((await again.place(Infinity)).time, 6000);
  await again.close();
  folder.files.clear();
  assert.equal(await SeriesFile.open(series, folder), "no-media");
  assert.equal(series.last, undefined);
});

test("few files are open at a time, and all are closed by the end", async () => {
  const folder = new MemoryFolder({});
  const series = new RecordedSeries(0, () => {});
  for (let number = 0; number < 40; number++) {
    folder.files.set(`a/${number}.flv`, PART);
    const part = series.begin(number, number * 4000);
    part.onOpen(new Growing(`a/${number}.flv`, PART).target);
    part.onEnd(`a/${number}.flv`);
  }
  const file = await SeriesFile.open(series, folder);
  assert.ok(typeof file !== "string");
  assert.deepEqual((await read(file, await file.place(0))).times, every40(0, 160_000));
  const open = () => folder.opened.filter(({ closed }) => !closed).length;
  assert.equal(open(), 16);
  const reading = file.read({ part: 3, offset: -1 }, () => {});
  await Promise.all([file.close(), reading]);
  assert.equal(open(), 0);
});
