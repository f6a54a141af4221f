import { test } from "node:test";
import assert from "node:assert/strict";
import { audioFlags, MediaFlag, videoFlags } from "../../../../src/core/media/mod.ts";
import {
  isEnhancedCommand,
  NOT_FOUND,
  skipModEx,
} from "../../../../src/core/media/enhanced/packet_header.ts";
import { openAudio, openVideo } from "../../../../src/core/media/message/packet.ts";
import { hex, toHex } from "../../amf/hex.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_MOD_EX = 8;

const { Key, SequenceHeader, Disposable, EndOfSequence, Command, Presentation, Multitrack } =
  MediaFlag;

/** Codec, kind and body of a message, or `undefined`. */
function opened(open: typeof openVideo, text: string): unknown {
  const packet = open(hex(text));
  return packet && [packet.codec, packet.kind, toHex(packet.body)];
}

/** `count` times TimestampOffsetNano of 0 ns; `last` is what the last one says comes next. */
function modEx(count: number, last: number): string {
  const one = (next: number) => `02 000000 0${next.toString(16)}`;
  return [...Array(count - 1).fill(one(7)), one(last)].join(" ");
}

test("an extension before a packet is skipped", () => {
  // ModEx of 3 bytes of data, then modExType 0 and the packet type
  assert.equal(videoFlags(hex("97 02 0f4240 01 68766331 000000 00")), Key);
  assert.equal(videoFlags(hex("a7 02 0f4240 01 68766331 000000 00")), 0);
  assert.equal(videoFlags(hex("97 02 0f4240 00 68766331 01")), SequenceHeader);
  assert.equal(videoFlags(hex("97 02 0f4240 02 68766331")), EndOfSequence);
  assert.equal(videoFlags(hex("b7 02 0f4240 03 68766331 00")), Disposable);
  assert.equal(videoFlags(hex("d7 02 0f4240 01 00")), Command);
  assert.equal(videoFlags(hex("d7 02 0f4240 04 68766331 02")), Presentation);
  assert.equal(audioFlags(hex("97 02 0f4240 00 4f707573 4f")), SequenceHeader);
  assert.equal(audioFlags(hex("97 02 0f4240 01 4f707573 4f")), 0);
  assert.deepEqual(opened(openVideo, "97 02 0f4240 03 68766331 abcd"), ["hevc", "frame", "abcd"]);
});

test("the first bit alone makes a message one of Enhanced RTMP, with a frame type or none", () => {
  assert.deepEqual(opened(openVideo, "80 68766331 abcd"), ["hevc", "config", "abcd"]);
  assert.deepEqual(opened(openVideo, "90 68766331 abcd"), ["hevc", "config", "abcd"]);
  assert.deepEqual(opened(openVideo, "7f 68766331 abcd"), ["unknown", "frame", "68766331abcd"]);
});

test("an extension of a type not known is skipped", () => {
  assert.equal(videoFlags(hex("97 00 ee f1 68766331 000000 00")), Key);
});

test("an extension of 256 bytes and more has a longer size", () => {
  for (const length of [255, 256, 257, 65_536]) {
    const size = length < 256 ? [length - 1] : [0xff, (length - 1) >> 8, (length - 1) & 255];
    const bytes = Uint8Array.of(0x97, ...size, ...new Uint8Array(length), 0x01, ...hex("68766331"));
    assert.equal(videoFlags(bytes), Key, `${length}`);
    assert.equal(videoFlags(bytes.subarray(0, -1)), 0, `${length}, cut`);
  }
});

test("several extensions are skipped, but not any number", () => {
  const frame = "68766331 000000 00";
  assert.equal(videoFlags(hex(`97 ${modEx(2, 1)} ${frame}`)), Key);
  assert.equal(MAX_MOD_EX, 8);
  assert.equal(videoFlags(hex(`97 ${modEx(8, 1)} ${frame}`)), Key);
  assert.equal(videoFlags(hex(`97 ${modEx(9, 1)} ${frame}`)), 0);
});

test("a message of several tracks is judged by the packet type of its tracks", () => {
  // packet type 6; multitrack type and packet type; FourCC; track
  assert.equal(videoFlags(hex("96 00 68766331 01 01")), SequenceHeader | Multitrack);
  assert.equal(videoFlags(hex("96 01 68766331 01 000000 00")), Key | Multitrack);
  assert.equal(videoFlags(hex("a6 01 68766331 01 000000 00")), Multitrack);
  assert.equal(videoFlags(hex("b6 03 68766331 01 00")), Disposable | Multitrack);
  assert.equal(videoFlags(hex("96 02 68766331 01")), EndOfSequence | Multitrack);
  assert.equal(videoFlags(hex("96 04 68766331 01 02")), Presentation | Multitrack);
  assert.equal(videoFlags(hex("d6 04 68766331 01 02")), Presentation | Multitrack);
  assert.equal(videoFlags(hex("d6 01 68766331 01 02")), Command);
  assert.equal(videoFlags(hex("d6 01")), Command);
  // many tracks, with sizes; many tracks of many codecs, each with its FourCC
  assert.equal(videoFlags(hex("96 13 68766331 00 000001 aa 01 000001 bb")), Key | Multitrack);
  assert.equal(
    videoFlags(hex("96 20 68766331 00 000001 aa 61763031 01 000001 bb")),
    SequenceHeader | Multitrack,
  );
  assert.equal(videoFlags(hex("97 02 000000 06 01 68766331 01 000000 00")), Key | Multitrack);
});

test("tracks inside tracks, extensions inside tracks and unknown kinds of tracks are nothing", () => {
  assert.equal(videoFlags(hex("96 06 01 68766331 01 000000 00")), 0);
  assert.equal(videoFlags(hex("96 07 02 000000 01 68766331 00")), 0);
  assert.equal(videoFlags(hex("96 31 68766331 01 000000 00")), 0);
  assert.equal(videoFlags(hex("96")), 0);
  assert.equal(audioFlags(hex("95 05 00 4f707573 01 4f")), 0);
  assert.equal(openVideo(hex("96 06 01 68766331 01 000000 00")), undefined);
});

test("the body of the first track is found", () => {
  assert.deepEqual(opened(openVideo, "96 00 68766331 01 abcd"), ["hevc", "config", "abcd"]);
  assert.deepEqual(
    opened(openVideo, "96 13 76703039 00 000002 abcd 01 000001 ef"),
    ["vp9", "frame", "abcd"],
  );
  assert.deepEqual(
    opened(openVideo, "96 20 61763031 00 000001 ab 68766331 01 000001 ef"),
    ["av1", "config", "ab"],
  );
  assert.deepEqual(opened(openAudio, "95 00 4f707573 01 abcd"), ["opus", "config", "abcd"]);
});

test("the size of a track has three bytes", () => {
  for (const size of [0, 255, 256, 65_535, 65_536, 0x012345, 0x020000]) {
    const sizes = [size >> 16, (size >> 8) & 255, size & 255];
    const head = hex("96 13 76703039 00");
    const payload = new Uint8Array(head.length + 3 + size + 4);
    payload.set([...head, ...sizes]);
    assert.equal(openVideo(payload)?.body.length, size);
  }
});

test("messages without Enhanced RTMP are opened too", () => {
  assert.deepEqual(opened(openVideo, "17 00 000000 abcd"), ["avc", "config", "abcd"]);
  assert.deepEqual(opened(openVideo, "27 01 000000 abcd"), ["avc", "frame", "abcd"]);
  assert.deepEqual(opened(openVideo, "17 02 000000"), ["avc", "other", ""]);
  assert.deepEqual(opened(openVideo, "12 abcd"), ["h263", "frame", "abcd"]);
  assert.deepEqual(opened(openAudio, "af 00 1210"), ["aac", "config", "1210"]);
  assert.deepEqual(opened(openAudio, "af 01 abcd"), ["aac", "frame", "abcd"]);
  assert.deepEqual(opened(openAudio, "af 02 abcd"), ["aac", "other", "abcd"]);
  assert.deepEqual(opened(openAudio, "2f abcd"), ["mp3", "frame", "abcd"]);
  assert.deepEqual(opened(openVideo, "92 68766331"), ["hevc", "other", ""]);
  assert.deepEqual(opened(openVideo, "91 61763031 abcd"), ["av1", "frame", "abcd"]);
  assert.deepEqual(opened(openVideo, ""), undefined);
  assert.deepEqual(opened(openAudio, ""), undefined);
  assert.deepEqual(opened(openAudio, "97 02"), undefined);
});

test("a track that says it is longer than its message ends with it", () => {
  assert.deepEqual(opened(openVideo, "96 13 76703039 00 ffffff abcd"), ["vp9", "frame", "abcd"]);
  assert.deepEqual(opened(openVideo, "96 13 76703039 00 ff"), ["vp9", "frame", ""]);
});

test("a message of any kind that is cut anywhere has no flags or those it had", () => {
  const messages = [
    "97 02 0f4240 01 68766331 000000 00",
    "96 13 68766331 00 000001 aa 01 000001 bb",
    `97 ${modEx(3, 6)} 00 68766331 01 01`,
    "d7 02 0f4240 04 68766331 02",
  ];
  for (const message of messages.map(hex)) {
    const whole = videoFlags(message);
    for (let end = 0; end < message.length; end++) {
      const flags = videoFlags(message.subarray(0, end));
      assert.ok(flags === 0 || flags === whole, `${toHex(message.subarray(0, end))}: ${flags}`);
    }
  }
});

test("without a byte there is no place", () => {
  assert.equal(skipModEx(new Uint8Array(0)), NOT_FOUND);
  assert.ok(skipModEx(Uint8Array.of(0x91)) > 0);
});

test("a command within a multitrack header is one unless metadata is in it", () => {
  // The place of byte 1, behind a multitrack header: offset and packet type 6.
  const isCommand = (frameType: number, ...payload: number[]) =>
    isEnhancedCommand(Uint8Array.from(payload), frameType, 1 << 6 | 6);
  const fourCc = [0x61, 0x76, 0x63, 0x31];
  for (let type = 0; type < 16; type++) {
    assert.equal(isCommand(5, 0xd6, type, ...fourCc), type !== 4, `${type}`);
    assert.equal(isCommand(1, 0x96, type, ...fourCc), false);
  }
  assert.equal(isCommand(5, 0xd6, 4, ...fourCc.slice(1)), true, "there is no FourCC");
});
