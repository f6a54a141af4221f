/** Types of elementary streams. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { elementary } from "../../../src/core/mpegts/elementary.ts";
import { AAC_LC, AVC } from "../samples/formats.ts";

test("each codec has the type that ISO/IEC 13818-1 and its registrations give it", () => {
  const type = (format: unknown) => elementary(format as typeof AVC).streamType;
  assert.equal(type(AVC), 0x1b);
  assert.equal(type({ ...AVC, codec: "hevc" }), 0x24);
  assert.equal(type(AAC_LC), 0x0f);
  const mp3 = { ...AAC_LC, codec: "mp3" };
  assert.equal(type({ ...mp3, sampleRate: 48_000 }), 0x03);
  assert.equal(type({ ...mp3, sampleRate: 32_000 }), 0x03);
  assert.equal(type({ ...mp3, sampleRate: 24_000 }), 0x04, "the halved rates are of MPEG-2");
  assert.equal(type({ ...AAC_LC, codec: "ac3" }), 0x81);
  assert.equal(type({ ...AAC_LC, codec: "eac3" }), 0x87);
});
