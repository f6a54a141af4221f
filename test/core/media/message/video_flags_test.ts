import { test } from "node:test";
import assert from "node:assert/strict";
import { MediaFlag, videoFlags } from "../../../../src/core/media/mod.ts";
import { hex } from "../../amf/hex.ts";

const { Key, SequenceHeader, Disposable, EndOfSequence, Command, Presentation } = MediaFlag;

/** Claims about messages: what they are, their bytes, their flags. */
const cases: [string, string, number][] = [
  ["an empty message", "", 0],

  // frame type 1, codec 7; packet type; composition time; configuration or NAL units
  ["an AVC sequence header", "17 00 000000 01 42c00d", SequenceHeader],
  ["an AVC key frame", "17 01 000000 00000001 65", Key],
  ["an AVC key frame shown earlier than it is decoded", "17 01 ffffd8 00000001 65", Key],
  ["an AVC inter frame", "27 01 000050 00000001 41", 0],
  ["an AVC frame that may be left out", "37 01 000050 00000001 01", Disposable],
  ["an AVC key frame made up by a server", "47 01 000000 00000001 65", 0],
  ["the end of an AVC sequence", "17 02 000000", EndOfSequence],
  ["the end of an AVC sequence, marked as an inter frame", "27 02 000000", EndOfSequence],
  ["an AVC sequence header marked as an inter frame", "27 00 000000 01 42c00d", SequenceHeader],
  ["an AVC sequence header without a configuration", "17 00 000000", 0],
  ["an AVC sequence header cut in its tag", "17 00 00", 0],
  ["an AVC packet of an unknown type", "17 03 000000 00", 0],
  ["an AVC tag of one byte", "17", 0],

  ["an HEVC sequence header under codec id 12", "1c 00 000000 01 01", SequenceHeader],
  ["an HEVC key frame under codec id 12", "1c 01 000000 00", Key],
  ["an HEVC inter frame under codec id 12", "2c 01 000000 00", 0],
  ["the end of an HEVC sequence under codec id 12", "1c 02 000000", EndOfSequence],
  ["an AV1 sequence header under codec id 13", "1d 00 000000 81 00", SequenceHeader],
  ["an AV1 key frame under codec id 13", "1d 01 000000 00", Key],

  ["an H.263 key frame", "12 000084", Key],
  ["an H.263 inter frame", "22 000084", 0],
  ["an H.263 frame that may be left out", "32 000084", Disposable],
  ["an H.263 key frame that begins like an AVC packet type", "12 00", Key],
  ["an H.263 tag of one byte", "12", 0],
  ["a VP6 key frame", "14 0010", Key],
  ["a VP6 key frame with alpha", "15 0010", Key],
  ["a screen video key frame", "13 0010", Key],
  ["a screen video 2 inter frame", "26 0010", 0],
  ["a key frame of an unknown codec", "1f 0010", Key],
  ["a frame of frame type 0", "07 01 000000 00", 0],

  ["the start of a seek", "57 00", Command],
  ["the end of a seek", "57 01", Command],
  ["the start of a seek of H.263", "52 00", Command],

  // 0x80 | frame type << 4 | packet type; FourCC
  ["a SequenceStart", "90 68766331 01 01", SequenceHeader],
  ["a SequenceStart marked as an inter frame", "a0 68766331 01 01", SequenceHeader],
  ["CodedFrames with a key frame", "91 68766331 000000 00", Key],
  ["CodedFrames with an inter frame", "a1 68766331 000000 00", 0],
  ["CodedFrames that may be left out", "b1 61766331 000000 00", Disposable],
  ["CodedFramesX with a key frame", "93 68766331 00", Key],
  ["CodedFramesX with an inter frame", "a3 61763031 00", 0],
  ["CodedFrames with a key frame made up by a server", "c1 61766331 000000 00", 0],
  ["a SequenceEnd", "92 68766331", EndOfSequence],
  ["an MPEG2TSSequenceStart", "95 61763031 80 04", SequenceHeader],
  ["a key frame of an unknown FourCC", "91 78787878 00", Key],
  ["a packet type that is not defined", "98 68766331 00", 0],
  ["a command of Enhanced RTMP", "d0 00", Command],
  ["a command of Enhanced RTMP with a packet type of frames", "d1 01", Command],
  // Frame type 5 and packet type 4, the metadata of HDR; then "colorInfo" as an AMF0 string.
  ["metadata as FFmpeg sends it", "d4 68766331 02 0009 636f6c6f72496e666f", Presentation],
  ["metadata as OBS sends it", "84 68766331 02 0009 636f6c6f72496e666f", Presentation],
  ["metadata marked as a key frame", "94 68766331 02 0009 636f6c6f72496e666f", Presentation],
  ["a message cut in its FourCC", "91 687663", 0],
  ["a message of nothing but the first byte of Enhanced RTMP", "90", 0],
];

for (const [what, bytes, flags] of cases) {
  test(`${what} has video flags ${flags}`, () => {
    assert.equal(videoFlags(hex(bytes)), flags);
  });
}

test("flags are found in a view that does not begin where its buffer does", () => {
  const bytes = hex("ff ff 17 01 000000 00 ff");
  assert.equal(videoFlags(bytes.subarray(2, 8)), Key);
  assert.equal(videoFlags(bytes.subarray(2, 3)), 0);
});
