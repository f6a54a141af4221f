import assert from "node:assert/strict";
import { test } from "node:test";
import { EnhancedReader } from "../../../../src/core/media/mod.ts";

const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));
/** Frames of the tracks 0 and 1, a byte each. */
const VIDEO = Uint8Array.of(0xa6, 0x11, ...ascii("vp09"), 0, 0, 0, 1, 7, 1, 0, 0, 1, 8);
const AUDIO = Uint8Array.of(0x95, 0x11, ...ascii("Opus"), 0, 0, 0, 1, 7, 1, 0, 0, 1, 8);

test("behind a message that has no tracks there are none left of the one before", () => {
  for (const nothing of [[], [0x27, 1], [0xa6], [0x2f, 1], [0x95]]) {
    const reader = new EnhancedReader();
    assert.equal(reader.next(), false, "nothing was opened");
    for (const open of ["openVideo", "openAudio"] as const) {
      assert.ok(open === "openVideo" ? reader.openVideo(VIDEO) : reader.openAudio(AUDIO));
      assert.ok(reader.next());
      assert.equal(reader[open](Uint8Array.from(nothing)), false, `${nothing}`);
      assert.equal(reader.next(), false, `${nothing}`);
    }
  }
});

test("of a track whose header is cut there is nothing, and one with a whole header is the next", () => {
  const each = [0xa6, 0x21, ...ascii("vp09"), 3, 0, 0, 1, 7];
  const one = [0xa6, 0x01, ...ascii("vp09"), 3, 7];
  const many = [0xa6, 0x11, ...ascii("vp09"), 3, 0, 0, 1, 7];
  for (const [bytes, header] of [[each, 10], [one, 7], [many, 10]] as const) {
    for (let length = 6; length <= bytes.length; length++) {
      const reader = new EnhancedReader();
      const opened = reader.openVideo(Uint8Array.from(bytes.slice(0, length)));
      assert.equal(opened && reader.next(), length >= header, `${length} of ${bytes.length}`);
    }
  }
});

test("a track that is cut says so, and is the last one", () => {
  const reader = new EnhancedReader();
  assert.ok(reader.openVideo(VIDEO.subarray(0, VIDEO.length - 1)));
  assert.ok(reader.next());
  assert.deepEqual([reader.trackId, reader.cut, reader.start, reader.end], [0, false, 10, 11]);
  assert.ok(reader.next());
  assert.deepEqual([reader.trackId, reader.cut, reader.start, reader.end], [1, true, 15, 15]);
  assert.equal(reader.next(), false);
});

test("of a message 256 tracks are read", () => {
  const tracks = Array.from({ length: 300 }, (_, id) => [id & 255, 0, 0, 0]).flat();
  const reader = new EnhancedReader();
  assert.ok(reader.openVideo(Uint8Array.of(0xa6, 0x11, ...ascii("vp09"), ...tracks)));
  let count = 0;
  while (reader.next()) count++;
  assert.equal(count, 256);
});
