/** Messages taken apart: their codec, what kind of packet they are, and where its bytes begin. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openAudio, openVideo } from "../../../../src/core/media/message/packet.ts";

const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));

/** What is opened, in one line: codec, kind and the bytes of the body. */
function open(kind: "video" | "audio", bytes: readonly number[]): string | undefined {
  const payload = Uint8Array.from(bytes);
  const packet = kind === "video" ? openVideo(payload) : openAudio(payload);
  return packet && `${packet.codec} ${packet.kind} ${[...packet.body]}`.trimEnd();
}
const video = (...bytes: number[]) => open("video", bytes);
const audio = (...bytes: number[]) => open("audio", bytes);

test("video of codecs with a packet type has its body behind five bytes", () => {
  for (const [id, codec] of [[7, "avc"], [12, "hevc"], [13, "av1"]] as const) {
    assert.equal(video(0x10 | id, 0, 0, 0, 0, 9, 8), `${codec} config 9,8`);
    assert.equal(video(0x20 | id, 1, 1, 2, 3, 9, 8), `${codec} frame 9,8`);
    assert.equal(video(0x10 | id, 2, 0, 0, 0), `${codec} other`);
    assert.equal(video(0x10 | id), `${codec} other`, "cut short");
  }
});

test("video of older codecs has its body behind one byte", () => {
  assert.equal(video(0x12, 0, 9), "h263 frame 0,9");
  assert.equal(video(0x24, 1, 9), "vp6 frame 1,9");
  assert.equal(video(0x11, 0, 9), "unknown frame 0,9");
});

test("commands and nothing at all have no codec", () => {
  for (const bytes of [[], [0x57, 0], [0xd0, 0], [0xd0, ...ascii("avc1"), 9]]) {
    assert.equal(video(...bytes), undefined, `${bytes}`);
  }
  assert.equal(video(0x47, 1, 0, 0, 0, 9), "avc frame 9", "no command");
  assert.equal(audio(), undefined);
});

test("sound has its body behind one byte, and AAC behind two", () => {
  assert.equal(audio(0xaf, 0, 9, 8), "aac config 9,8");
  assert.equal(audio(0xaf, 1, 9, 8), "aac frame 9,8");
  assert.equal(audio(0xaf, 2, 9, 8), "aac other 9,8");
  assert.equal(audio(0xaf), "aac other");
  assert.equal(audio(0x2f, 0, 9), "mp3 frame 0,9");
  assert.equal(audio(0xbf, 0, 9), "speex frame 0,9");
});

test("Opus without Enhanced RTMP has its header behind one byte or two", () => {
  const head = ascii("OpusHead");
  assert.equal(audio(0xdf, ...head), `opus config ${head}`);
  assert.equal(audio(0xdf, 0, ...head), `opus config ${head}`);
  assert.equal(audio(0xdf, 1, ...head), `opus frame 1,${head}`);
  assert.equal(audio(0xaf, 0, ...head), `aac config ${head}`);
});

test("Enhanced video says by its packet type what it is", () => {
  const said = (type: number) => video(0x90 | type, ...ascii("hvc1"), 9, 8);
  assert.deepEqual([0, 1, 2, 3, 4, 5].map(said), [
    "hevc config 9,8",
    "hevc frame 9,8",
    "hevc other 9,8",
    "hevc frame 9,8",
    "hevc other 9,8",
    "hevc other 9,8",
  ]);
  assert.equal(video(0x91, ...ascii("avc")), undefined, "no whole codec");
});

test("Enhanced audio says by its packet type what it is", () => {
  const said = (type: number) => audio(0x90 | type, ...ascii("Opus"), 9, 8);
  assert.deepEqual([0, 1, 2, 3, 4].map(said), [
    "opus config 9,8",
    "opus frame 9,8",
    "opus other 9,8",
    "opus other 9,8",
    "opus other 9,8",
  ]);
  assert.equal(audio(0x91, ...ascii("Opu")), undefined, "no whole codec");
});

test("a descriptor of AV1 in MPEG-2 TS is a configuration behind its tag and length", () => {
  assert.equal(video(0x95, ...ascii("av01"), 0x80, 4, 9, 8), "av1 config 9,8");
  assert.equal(video(0x95, ...ascii("av01"), 0x81, 4, 9, 8), "av1 other 129,4,9,8");
  assert.equal(video(0x91, ...ascii("av01"), 0x80, 4, 9, 8), "av1 frame 128,4,9,8");
});

test("of several tracks the first is opened, as far as it goes", () => {
  assert.equal(video(0x96, 0x01, ...ascii("vp09"), 3, 9, 8), "vp9 frame 9,8", "one");
  const two = [3, 0, 0, 2, 9, 8, 4, 0, 0, 1, 7];
  assert.equal(video(0x96, 0x11, ...ascii("vp09"), ...two), "vp9 frame 9,8", "of one codec");
  assert.equal(video(0x96, 0x20, ...ascii("vp09"), ...two), "vp9 config 9,8", "of one each");
  assert.equal(audio(0x95, 0x11, ...ascii("Opus"), ...two), "opus frame 9,8");
  const long = new Array(0x10203).fill(7);
  const head = [0x96, 0x11, ...ascii("vp09"), 3, 1, 2, 3];
  const body = open("video", head.concat(long, 4));
  assert.equal(body?.length, `vp9 frame ${long}`.length);
  assert.equal(video(0x96, 0x11, ...ascii("vp09"), 3, 0, 0, 9, 8), "vp9 frame 8", "cut short");
  assert.equal(video(0x96, 0x11, ...ascii("vp09"), 3), "vp9 frame", "without a size");
});

test("extensions are read past", () => {
  assert.equal(video(0x97, 2, 0, 0, 5, 0x01, ...ascii("vp09"), 9), "vp9 frame 9");
  assert.equal(audio(0x97, 0, 5, 0x01, ...ascii("ac-3"), 9), "ac3 frame 9");
  for (const opened of [video(0x97, 9, 0), audio(0x97, 9, 0)]) assert.equal(opened, undefined);
});
