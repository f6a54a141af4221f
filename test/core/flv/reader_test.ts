import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { type FlvDamage, FlvReader } from "../../../src/core/flv/reader.ts";
import { FLV_TAG_OVERHEAD, flvHeader, writeFlvTag } from "../../../src/core/flv/tag.ts";
import { clip } from "../../support/clips.ts";
import { feedings } from "../../support/feed.ts";
import { FlvReader as Oracle } from "../../support/flv_reader.ts";
import { check } from "../../support/property.ts";

interface Tag {
  readonly type: number;
  readonly timestamp: number;
  readonly body: Uint8Array;
}

function fileOf(tags: readonly Tag[]): Uint8Array {
  const size = tags.reduce((sum, { body }) => sum + body.length + FLV_TAG_OVERHEAD, 13);
  const bytes = new Uint8Array(size);
  bytes.set(flvHeader(true, true));
  let at = 13;
  for (const { type, timestamp, body } of tags) {
    writeFlvTag(bytes, at, type, timestamp, body);
    at += body.length + FLV_TAG_OVERHEAD;
  }
  return bytes;
}

function readAll(segments: readonly Uint8Array[], reader = new FlvReader()) {
  const tags: (Tag & { offset: number })[] = [];
  for (const segment of segments) {
    reader.add(segment);
    segment.fill(0xee);
    for (let tag = reader.next(); tag; tag = reader.next()) {
      tags.push({ ...tag, body: tag.body.slice() });
    }
  }
  return { reader, tags };
}

const ONE = { type: 9, timestamp: 0xfffffffe, body: Uint8Array.of(0x17, 1, 0, 0, 0, 5) };
const TWO = { type: 8, timestamp: 40, body: Uint8Array.of(0xaf, 1) };

test("a file of ffmpeg is read as by the independent reader, however it is cut", async () => {
  const bytes = new Uint8Array(readFileSync(await clip("av")));
  const oracle = new Oracle();
  oracle.add(bytes);
  const cuts = feedings(bytes.slice(0, 40_000), 7);
  const whole = readAll([bytes.slice()]);
  assert.equal(whole.reader.damage, undefined);
  assert.equal(whole.reader.flags, 5);
  assert.equal(whole.reader.pending, 0);
  assert.equal(whole.tags.length, oracle.tags.length);
  assert.deepEqual(whole.tags.map(({ offset: _, ...tag }) => tag), oracle.tags);
  for (const segments of cuts) {
    const { tags } = readAll(segments);
    assert.deepEqual(tags, whole.tags.slice(0, tags.length));
    assert.ok(tags.length > 20);
  }
});

test("any tags come out as they went in, with their places, also from the middle on", () => {
  const tag = fc.record({
    type: fc.constantFrom(8, 9, 18),
    timestamp: fc.nat({ max: 0xffffffff }),
    body: fc.uint8Array({ maxLength: 40 }),
  }, { noNullPrototype: true });
  check(fc.property(fc.array(tag, { minLength: 1, maxLength: 8 }), fc.nat(), (tags, seed) => {
    const bytes = fileOf(tags);
    for (const segments of feedings(bytes, seed)) {
      const read = readAll(segments);
      assert.deepEqual(read.tags.map(({ offset: _, ...rest }) => rest), tags);
      assert.equal(read.reader.offset, bytes.length);
    }
    const { offset } = readAll([bytes.slice()]).tags.at(-1)!;
    const { tags: last } = readAll([bytes.slice(offset)], new FlvReader(offset));
    assert.deepEqual(last, [{ ...tags.at(-1)!, offset }]);
  }));
});

test("a tag that was cut off is waited for, and the place before it is known", () => {
  const bytes = fileOf([ONE, TWO]);
  for (let cut = 13 + 21; cut < bytes.length; cut++) {
    const { reader, tags } = readAll([bytes.slice(0, cut)]);
    assert.equal(tags.length, 1);
    assert.equal(reader.offset, 13 + 21);
    assert.equal(reader.pending, cut - 34);
    assert.equal(reader.wanted, cut < 34 + 11 ? 0 : bytes.length - cut);
  }
});

const damaged = (at: number, value: number) => {
  const bytes = fileOf([ONE, TWO]);
  bytes[at] = value;
  return bytes;
};

for (
  const [what, bytes, damage, tags] of [
    ["another signature", damaged(2, 0x57), "no-flv", 0],
    ["a header of 8 bytes", damaged(8, 8), "no-flv", 0],
    ["a header of 65,545 bytes", damaged(6, 1), "no-flv", 0],
    ["a type that is none", damaged(34, 10), "no-tag", 1],
    ["an encrypted tag", damaged(34, 0x28), "no-tag", 1],
    ["a stream id", damaged(34 + 10, 1), "no-tag", 1],
    ["another size behind the first tag", damaged(33, 16), "wrong-size", 0],
  ] as const satisfies readonly (readonly [string, Uint8Array, FlvDamage, number])[]
) {
  test(`${what} is a damage, and whatever comes behind it is not looked at`, () => {
    for (const segments of feedings(bytes)) {
      const { reader, tags: read } = readAll(segments);
      assert.equal(reader.damage, damage);
      assert.equal(read.length, tags);
      assert.equal(reader.pending, 0);
      assert.equal(reader.offset, damage === "no-flv" ? 0 : tags === 1 ? 34 : 13);
      assert.equal(reader.next(), undefined);
    }
  });
}

test("a header that is longer is skipped, and zeros behind tags are accepted unless told otherwise", () => {
  const file = fileOf([ONE, TWO]);
  const longer = new Uint8Array(file.length + 3);
  longer.set(file.subarray(0, 9));
  longer[8] = 12;
  longer.set(file.subarray(9), 12);
  longer.fill(0, longer.length - 4);
  assert.equal(readAll([longer.slice()]).tags.length, 2);
  const strict = readAll([file.slice(13, -4), new Uint8Array(4)], new FlvReader(13, false));
  assert.equal(strict.reader.damage, "wrong-size");
  assert.equal(strict.tags.length, 1);
});

test("a declared length allocates nothing, and a tag in small pieces is not copied for each", () => {
  const body = new Uint8Array(0xfffff0).fill(7);
  const bytes = fileOf([{ type: 9, timestamp: 0, body }]);
  const reader = new FlvReader();
  reader.add(bytes.subarray(0, 100));
  assert.equal(reader.pending, 100 - 13 + 13);
  assert.equal(reader.next(), undefined);
  assert.equal(reader.wanted, bytes.length - 100);
  for (let at = 100; at < bytes.length; at += 4096) {
    reader.add(bytes.subarray(at, at + 4096));
  }
  const tag = reader.next()!;
  assert.equal(tag.body.length, body.length);
  assert.equal(tag.body.at(-1), 7);
});

test("a header of a file has 1024 bytes at the most, and says what the file holds", () => {
  for (const [length, flags] of [[9, 1], [9, 4], [1024, 5], [1025, undefined]] as const) {
    const file = fileOf([ONE]);
    const longer = new Uint8Array(file.length + length - 9);
    longer.set(file.subarray(0, 9));
    longer.set([flags ?? 5, 0, 0, length >> 8, length & 255], 4);
    longer.set(file.subarray(9), length);
    for (const segments of feedings(longer)) {
      const { reader, tags } = readAll(segments);
      assert.deepEqual([reader.flags, tags.length], [flags, flags === undefined ? 0 : 1]);
      assert.equal(reader.damage, flags === undefined ? "no-flv" : undefined);
    }
  }
});

test("a file that is not whole up to its first tag has no damage, and no flags that are not known", () => {
  const file = fileOf([ONE]);
  for (let length = 0; length < 13 + 17; length++) {
    const { reader, tags } = readAll([file.slice(0, length)]);
    assert.deepEqual([reader.damage, tags.length], [undefined, 0]);
    assert.equal(reader.flags, length < 13 ? undefined : 5);
  }
});

test("how much is wanted is not told by what was read before", () => {
  const file = fileOf([ONE, TWO]);
  const reader = new FlvReader();
  reader.add(file.subarray(0, 34));
  assert.ok(reader.next());
  reader.add(file.subarray(34, 37));
  assert.deepEqual([reader.wanted, reader.pending], [0, 3]);
  reader.add(file.subarray(37, 45));
  assert.equal(reader.wanted, file.length - 45);
});
