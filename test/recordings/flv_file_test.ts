/** Files of FLV that are opened, and places in them that are sought. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeAmf0 } from "../../src/core/amf/mod.ts";
import { AmfObject, asRecord } from "../../src/core/amf/value.ts";
import { FLV_TAG_OVERHEAD } from "../../src/core/flv/tag.ts";
import { FlvFile } from "../../src/recordings/flv_file.ts";
import { FlvTags } from "../../src/recordings/flv_tags.ts";
import { random } from "../support/feed.ts";
import { flv, HEADERS, media, metadata, type Tag } from "../support/flv_files.ts";
import { AUDIO_HEADER, interFrame, keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { BytesSource, LongSource } from "../support/media_source.ts";

const READ_BYTES = 32 * 1024;

async function opened(bytes: Uint8Array): Promise<FlvFile> {
  const file = await FlvFile.open(new BytesSource(bytes));
  assert.ok(file instanceof FlvFile, String(file));
  return file;
}

/** The first message at a place. */
async function at(file: FlvFile, offset: number) {
  const tags = new FlvTags(file.source, offset, READ_BYTES);
  await tags.read();
  const { kind, time, payload } = file.messageOf(tags.next()!);
  return { kind, time, length: payload.length };
}

test("a file is opened with its duration, and its metadata says it, without the index", async () => {
  const said = metadata([["width", 320], ["duration", 0], ["keyframes", new AmfObject([])]]);
  const file = await opened(flv(said, ...HEADERS, ...media(10, 5000)));
  assert.equal(file.duration, 9970);
  const [handler, members] = decodeAmf0(file.metadata);
  assert.equal(handler, "onMetaData");
  assert.deepEqual([...asRecord(members)!], [["duration", 9.97], ["width", 320]]);
  assert.deepEqual(
    file.metadata,
    (await opened(flv(said, ...HEADERS, ...media(10, 5000)))).metadata,
  );
});

test("a place is the last key frame at or before its time, on the file's own time line from 0", async () => {
  const file = await opened(flv(...HEADERS, ...media(20, 70_000)));
  for (const [asked, time] of [[1, 0], [1999, 0], [2000, 2000], [9999, 8000], [19_999, 18_000]]) {
    const place = await file.place(asked!);
    assert.equal(place.time, time);
    assert.deepEqual(await at(file, place.offset), { kind: 9, time, length: 900 });
    if (asked! > 1999) assert.deepEqual(place.headers.map(({ kind }) => kind), [9, 8]);
  }
  assert.equal((await file.place(1e12)).time, 18_000);
  assert.deepEqual(await file.place(-5), { time: 0, offset: file.first, headers: [] });
});

test("without pictures a place is the last sound at or before its time", async () => {
  const sound = media(20).filter(([kind]) => kind === 8);
  const file = await opened(flv([8, 0, AUDIO_HEADER], ...sound));
  assert.equal((await file.place(9999)).time, 9960);
  assert.equal((await file.place(10_000)).time, 10_000);
});

for (const [what, positions] of [["right", 0], ["wrong", 77]] as const) {
  test(`an index that is ${what} is ${positions === 0 ? "used" : "passed over"}`, async () => {
    const tags = media(400);
    const times: number[] = [];
    const offsets: number[] = [];
    const laid = (said: Tag) => {
      times.length = offsets.length = 0;
      let offset = 13;
      for (const [type, timestamp, body] of [said, ...HEADERS, ...tags]) {
        if (type === 9 && body.length === 900) {
          times.push(timestamp / 1000);
          offsets.push(offset + positions);
        }
        offset += body.length + FLV_TAG_OVERHEAD;
      }
      return metadata([[
        "keyframes",
        new AmfObject([["times", times], ["filepositions", offsets]]),
      ]]);
    };
    const said = laid(laid(metadata([])));
    const file = await opened(flv(said, ...HEADERS, ...tags));
    const source = file.source as BytesSource;
    // The first time all headers up to there are looked for.
    await file.place(399_000);
    const before = source.reads;
    assert.equal((await file.place(301_000)).time, 300_000);
    const reads = source.reads - before;
    assert.equal(reads <= 2, positions === 0, `${reads} reads`);
    assert.equal((await file.place(100_000)).time, 100_000);
  });
}

test("headers that changed hold behind their place, and the old ones before it", async () => {
  const other = VIDEO_HEADER.with(6, 0x4d);
  const file = await opened(
    flv(...HEADERS, ...media(10), [9, 10_000, other], ...media(10, 10_000)),
  );
  const videoAt = async (time: number) =>
    (await file.place(time)).headers.find(({ kind }) => kind === 9)!.payload[6];
  assert.equal(await videoAt(5000), VIDEO_HEADER[6]);
  assert.equal(await videoAt(12_000), 0x4d);
});

test("a file that is cut off anywhere plays up to its last whole message", async () => {
  const whole = flv(...HEADERS, ...media(3));
  const next = random(11);
  for (let round = 0; round < 60; round++) {
    const cut = Math.floor(next() * whole.length);
    const file = await FlvFile.open(new BytesSource(whole.slice(0, cut)));
    if (!(file instanceof FlvFile)) {
      assert.equal(file, cut < 13 ? "damaged" : "no-media");
      continue;
    }
    const tags = new FlvTags(file.source, 0, READ_BYTES);
    let last = 0;
    while (await tags.read()) {
      for (let tag = tags.next(); tag !== undefined; tag = tags.next()) {
        last = Math.max(last, tag.timestamp);
      }
    }
    assert.equal(file.duration, last);
  }
});

/** Another configuration than that of the beginning. */
const OTHER_HEADER = VIDEO_HEADER.with(8, VIDEO_HEADER[8]! ^ 1);

/** Whose pictures there are at a place: headers as they are sent before it. */
async function headersAt(file: FlvFile, time: number): Promise<(number | undefined)[]> {
  const { headers } = await file.place(time);
  return headers.filter(({ kind }) => kind === 9).map(({ payload }) => payload[8]);
}

test("a place has the headers that hold there, whichever was gone to before", async () => {
  const bytes = flv(
    ...HEADERS,
    ...media(20),
    [9, 20_000, OTHER_HEADER],
    ...media(20, 20_000),
    [9, 40_000, VIDEO_HEADER],
    ...media(20, 40_000),
  );
  for (const order of [[10, 30, 50], [50, 30, 10], [30, 10, 50, 30]]) {
    const file = await opened(bytes);
    for (const seconds of order) {
      const wanted = (seconds === 30 ? OTHER_HEADER : VIDEO_HEADER)[8];
      assert.deepEqual(await headersAt(file, seconds * 1000), [wanted], `${order} ${seconds}`);
    }
  }
});

test("in a file too long to be looked through, headers in front of key frames count", async () => {
  const count = 200_000;
  const length = 900;
  const head = flv(...HEADERS);
  const body = (number: number): Uint8Array => {
    if (number % 100 === 1) return keyFrame(length - FLV_TAG_OVERHEAD);
    if (number % 100 !== 0) return interFrame(length - FLV_TAG_OVERHEAD);
    // Padded, so that all tags are as long as others.
    const header = new Uint8Array(length - FLV_TAG_OVERHEAD);
    header.set(number >= count / 2 ? OTHER_HEADER : VIDEO_HEADER);
    return header;
  };
  const source = new LongSource(head, count, length, (number) => ({
    ...{ type: 9, timestamp: number * 40, body: body(number) },
  }));
  const file = await FlvFile.open(source);
  assert.ok(file instanceof FlvFile);
  source.bytesRead = 0;
  for (const share of [0.9, 0.2, 0.7, 0.4]) {
    const wanted = (share > 0.5 ? OTHER_HEADER : VIDEO_HEADER)[8];
    assert.deepEqual(await headersAt(file, share * count * 40), [wanted], `${share}`);
  }
  assert.ok(source.bytesRead < 40 * 1024 * 1024, `${source.bytesRead} bytes`);
});

test("what is damaged in the middle is passed over", async () => {
  const bytes = flv(...HEADERS, ...media(10));
  bytes.fill(0xee, 20_000, 24_000);
  const file = await opened(bytes);
  const tags = new FlvTags(file.source, 0, READ_BYTES);
  let count = 0;
  while (await tags.read()) while (tags.next() !== undefined) count++;
  assert.equal(tags.damages, 1);
  assert.ok(count > 450, String(count));
  assert.equal((await file.place(8500)).time, 8000);
});

test("any bytes, and any damage, give a problem or a file, and no exception", async () => {
  const seed = Date.now() % 1e6;
  const next = random(seed);
  const whole = flv(metadata([["duration", 3]]), ...HEADERS, ...media(3));
  for (let round = 0; round < 150; round++) {
    const bytes = whole.slice();
    for (let hit = 0; hit < 1 + next() * 40; hit++) {
      bytes[Math.floor(next() * bytes.length)] = next() * 256;
    }
    const file = await FlvFile.open(new BytesSource(bytes));
    if (!(file instanceof FlvFile)) continue;
    const { offset } = await file.place(next() * 4000);
    assert.ok(offset >= 13 && offset < bytes.length, `seed ${seed}`);
  }
  for (const bytes of [new Uint8Array(0), new Uint8Array(5000), flv(), flv(...HEADERS)]) {
    assert.ok(typeof await FlvFile.open(new BytesSource(bytes)) === "string");
  }
});

/** Two hours of 25 pictures a second, more than 4 GiB. */
function twoHours(): LongSource {
  const picture = 30_000;
  const key = keyFrame(picture);
  const inter = interFrame(picture);
  return new LongSource(
    flv([9, 0, VIDEO_HEADER]),
    2 * 3600 * 25,
    picture + FLV_TAG_OVERHEAD,
    (number) => ({ type: 9, timestamp: number * 40, body: number % 50 === 0 ? key : inter }),
  );
}

test("two hours in more than 4 GiB are opened, and sought in, by reading a few megabytes", async () => {
  const source = twoHours();
  assert.ok(source.size > 2 ** 32);
  const file = await FlvFile.open(source);
  assert.ok(file instanceof FlvFile);
  assert.equal(file.duration, 2 * 3600_000 - 40);
  assert.ok(source.bytesRead < 3 * 1024 * 1024, `${source.bytesRead} bytes`);
  for (const time of [5_999_000, 7_100_123, 40_000]) {
    const before = source.bytesRead;
    assert.equal((await file.place(time)).time, Math.floor(time / 2000) * 2000);
    const read = source.bytesRead - before;
    assert.ok(read < 12 * 1024 * 1024, `${read} bytes for ${time}`);
  }
});

test("a file that grows lasts longer each time it is measured", async () => {
  const whole = flv(...HEADERS, ...media(4));
  const source = new BytesSource(whole.slice(0, whole.length / 2));
  const file = await FlvFile.open(source);
  assert.ok(file instanceof FlvFile);
  assert.ok(file.duration < 2100);
  source.bytes = whole;
  await file.measure();
  assert.equal(file.duration, 3970);
  assert.equal((await file.place(3000)).time, 2000);
});
