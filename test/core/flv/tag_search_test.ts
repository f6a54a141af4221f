import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { findFlvTag, findLastFlvTag, flvTagAt } from "../../../src/core/flv/tag_search.ts";
import { FLV_TAG_OVERHEAD, writeFlvTag } from "../../../src/core/flv/tag.ts";
import { clip } from "../../support/clips.ts";
import { random } from "../../support/feed.ts";
import { FlvReader as Oracle } from "../../support/flv_reader.ts";

/** A file of ffmpeg, and where its tags begin. */
async function file() {
  const bytes = new Uint8Array(readFileSync(await clip("av")));
  const oracle = new Oracle();
  oracle.add(bytes);
  let at = 13;
  const starts = oracle.tags.map(({ body }) => {
    const start = at;
    at += body.length + FLV_TAG_OVERHEAD;
    return start;
  });
  return { bytes, starts, tags: oracle.tags };
}

test("from any place of a file the next tag is found, and no other", async () => {
  const { bytes, starts, tags } = await file();
  const next = random(11);
  for (let round = 0; round < 300; round++) {
    const from = Math.floor(next() * starts.at(-1)!);
    const index = starts.findIndex((start) => start >= from);
    const found = findFlvTag(bytes, from)!;
    const { type, timestamp } = tags[index]!;
    const end = starts[index + 1] ?? bytes.length;
    assert.deepEqual(found, { type, timestamp, at: starts[index], end });
  }
});

test("nothing is found at or behind the place where the search ends, nor in a tag that is cut off", async () => {
  const { bytes, starts } = await file();
  assert.equal(findFlvTag(bytes, starts[2]! + 1, starts[3]!), undefined);
  assert.equal(findFlvTag(bytes, starts[2]! + 1, starts[3]! + 1)?.at, starts[3]);
  assert.equal(findFlvTag(bytes.subarray(starts.at(-1)!, -1)), undefined);
});

test("what looks like a tag without its size behind it is none", () => {
  const bytes = new Uint8Array(60);
  writeFlvTag(bytes, 3, 8, 1000, Uint8Array.of(0xaf, 1, 2));
  assert.deepEqual(flvTagAt(bytes, 3), { type: 8, timestamp: 1000, at: 3, end: 21 });
  bytes[20]!++;
  assert.equal(flvTagAt(bytes, 3), undefined);
  assert.equal(findFlvTag(bytes), undefined);
});

test("the last whole tag is found wherever the file was cut off", async () => {
  const { bytes, starts, tags } = await file();
  const from = starts.at(-6)!;
  for (let cut = starts.at(-2)!; cut <= bytes.length; cut++) {
    const window = bytes.subarray(from, cut);
    const whole = starts.findLastIndex((_, index) => (starts[index + 1] ?? bytes.length) <= cut);
    const found = findLastFlvTag(window)!;
    assert.equal(found.at + from, starts[whole]);
    assert.equal(found.timestamp, tags[whole]!.timestamp);
  }
  assert.equal(findLastFlvTag(bytes.subarray(starts[5]! + 1, starts[6]! - 5)), undefined);
  assert.equal(findLastFlvTag(new Uint8Array(0)), undefined);
});
