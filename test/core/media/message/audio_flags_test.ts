import { test } from "node:test";
import assert from "node:assert/strict";
import { audioFlags, MediaFlag } from "../../../../src/core/media/mod.ts";
import { hex } from "../../amf/hex.ts";

const { SequenceHeader, EndOfSequence, Presentation, Multitrack } = MediaFlag;

/** Claims about messages: what they are, their bytes, their flags. */
const cases: [string, string, number][] = [
  ["silence, an empty message,", "", 0],

  // format 10, 44 kHz, 16 bits, stereo; packet type; configuration or frame
  ["an AAC sequence header", "af 00 1210", SequenceHeader],
  ["an AAC sequence header with wrong rate and channel bits", "a2 00 1210", SequenceHeader],
  ["an AAC sequence header without a configuration", "af 00", 0],
  ["an AAC frame", "af 01 21 10", 0],
  ["an AAC frame of nothing", "af 01", 0],
  ["an AAC tag of one byte", "af", 0],
  ["an AAC packet of an unknown type", "af 02 1210", 0],

  ["an MP3 frame", "2f fffb9064", 0],
  ["an MP3 frame that begins like an AAC packet type", "2f 00 1210", 0],
  ["a Speex frame", "b2 00 1210", 0],
  ["a G.711 frame", "70 00 1210", 0],
  ["Opus under sound format 13", "df 00 4f", 0],
  ["OpusHead under sound format 13", "df 4f70757348656164 01 02", SequenceHeader],
  ["OpusHead behind a packet type", "df 00 4f70757348656164 01 02", SequenceHeader],
  ["OpusHead behind the packet type of frames", "df 01 4f70757348656164 01 02", 0],

  // format 9, packet type; FourCC
  ["a SequenceStart of Opus", "90 4f707573 4f70757348656164", SequenceHeader],
  ["a SequenceStart of FLAC", "90 664c6143 1000", SequenceHeader],
  [
    "a SequenceStart of AC-3 as FFmpeg sends it, with nothing in it,",
    "90 61632d33",
    SequenceHeader,
  ],
  ["CodedFrames of Opus", "91 4f707573 fc", 0],
  ["a SequenceEnd of Opus", "92 4f707573", EndOfSequence],
  ["a MultichannelConfig", "94 4f707573 01 02 00000003", Presentation],
  // OneTrack and packet type 0 behind packet type 5, then the FourCC and track 1
  ["a SequenceStart of one track", "95 00 4f707573 01 4f", SequenceHeader | Multitrack],
  [
    "a MultichannelConfig of one track as FFmpeg sends it",
    "95 04 4f707573 01 01 02 00000003",
    Presentation | Multitrack,
  ],
  ["frames of one track", "95 01 4f707573 01 fc", Multitrack],
  ["a message cut in its FourCC", "90 4f7075", 0],
  ["a message of nothing but the first byte of Enhanced RTMP", "90", 0],
  ["a packet type that is not defined", "98 4f707573 00", 0],
];

for (const [what, bytes, flags] of cases) {
  test(`${what} has audio flags ${flags}`, () => {
    assert.equal(audioFlags(hex(bytes)), flags);
  });
}
