import assert from "node:assert/strict";
import { test } from "node:test";
import { FourCc } from "../../../src/core/media/mod.ts";
import { FrameKind, type MediaFrame } from "../../../src/hub/frame.ts";
import { MediaTrack } from "../../../src/hub/ingest/media_track.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const LOOK_AFTER_MS = 5000;

const frame = (kind: number, ...payload: number[]): MediaFrame => ({
  kind,
  timestamp: 0,
  payload: Uint8Array.from(payload),
  flags: 0,
});
const video = () => new MediaTrack(FrameKind.Video, 0, 0);
const avcHeader = () =>
  frame(FrameKind.Video, 0x17, 0, 0, 0, 0, 1, 100, 0, 31, 0xfd, 0xe1, 0, 0, 0);

test("with another codec all that was said of the one before is forgotten", () => {
  const track = video();
  assert.equal(track.setCodec(FourCc.Vp8), false, "the first one");
  track.setHeader(avcHeader());
  assert.equal(track.nalLength, 2);
  track.keyAt = 5;
  track.flagsLie = true;
  track.takeSample(Uint8Array.of(1), true);
  assert.equal(track.setCodec(FourCc.Vp8), false, "the same one");
  assert.equal(track.keyAt, 5);
  assert.equal(track.setCodec(FourCc.Vp9), true);
  const { header, sample, keyAt, flagsLie, nalLength } = track;
  assert.deepEqual({ header, sample, keyAt, flagsLie, nalLength }, {
    header: undefined,
    sample: undefined,
    keyAt: undefined,
    flagsLie: false,
    nalLength: 4,
  });
  assert.equal(track.wantsSample(false), true);
});

test("presentation that came ahead of its codec's header is kept", () => {
  const track = video();
  track.setCodec(FourCc.Vp8);
  track.presentation = frame(FrameKind.Video, 1);
  track.presentationCodec = FourCc.Vp9;
  track.setCodec(FourCc.Vp9);
  assert.notEqual(track.presentation, undefined);
  track.setCodec(FourCc.Av1);
  assert.equal(track.presentation, undefined);
});

test("how a message begins is kept, 64 bytes of it, best that of a key frame", () => {
  const track = video();
  assert.equal(track.ended, false);
  assert.deepEqual([track.wantsSample(false), track.sample], [true, undefined]);
  track.takeSample(new Uint8Array(100).fill(1), false);
  assert.equal(track.sample!.length, 64);
  assert.deepEqual([track.wantsSample(false), track.wantsSample(true)], [false, true]);
  track.takeSample(Uint8Array.of(2), true);
  assert.deepEqual([[...track.sample!], track.wantsSample(true)], [[2], false]);
  const sound = new MediaTrack(FrameKind.Audio, 0, 0);
  sound.takeSample(Uint8Array.of(3), false);
  assert.equal(sound.wantsSample(true), false, "of sound any will do");
});

test("a header that says all makes an end of looking, and of the end of its sequence", () => {
  const track = video();
  track.takeSample(Uint8Array.of(1), false);
  track.ended = true;
  track.setHeader(avcHeader());
  assert.deepEqual([track.sample, track.wantsSample(true), track.ended], [undefined, false, false]);
  assert.equal(track.keptBytes, 14);
  track.presentation = frame(FrameKind.Video, 1, 2, 3);
  assert.equal(track.keptBytes, 17);
});

test("flags are doubted without a key frame for five seconds, and once they lied", () => {
  const track = video();
  assert.equal(track.doubtsFlags(0), true);
  track.keyAt = 1000;
  assert.deepEqual([track.doubtsFlags(1000 + LOOK_AFTER_MS - 1), LOOK_AFTER_MS], [false, 5000]);
  assert.equal(track.doubtsFlags(1000 + LOOK_AFTER_MS), true);
  track.flagsLie = true;
  assert.equal(track.doubtsFlags(1001), true);
});

test("messages with a multitrack header are counted, and measured", () => {
  const track = new MediaTrack(FrameKind.Audio, 3, 0);
  for (let count = 0; count < 10; count++) track.count(100);
  assert.deepEqual([track.frames, track.bytes], [10, 1000]);
  track.measure(2000);
  assert.deepEqual([track.frameRate.perSecond, track.byteRate.perSecond], [5, 500]);
});
