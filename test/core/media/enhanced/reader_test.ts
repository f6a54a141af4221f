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
