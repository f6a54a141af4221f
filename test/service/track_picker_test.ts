/** What the encoders of all ways out take of each frame. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameFlag, FrameKind, LEFT_OUT, type MediaFrame } from "../../src/hub/mod.ts";
import { ALL_TRACKS, type TrackChoice } from "../../src/service/track_choice.ts";
import { isChosen, trackKey, TrackPicker } from "../../src/service/track_picker.ts";

const { Audio, Video, Data } = FrameKind;
const choice = (video: number, audio: number, legacy = false): TrackChoice => ({
  video,
  audio,
  legacy,
});
const frame = (kind: number, ...payload: number[]): MediaFrame => ({
  kind,
  timestamp: 0,
  payload: Uint8Array.from(payload),
  flags: payload.length > 9 ? FrameFlag.Multitrack : 0,
});
const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));
/** Frames of the tracks 0 and 1. */
const TWO_VIDEO = [0xa6, 0x11, ...ascii("vp09"), 0, 0, 0, 1, 7, 1, 0, 0, 1, 8];
const TWO_AUDIO = [0x95, 0x11, ...ascii("Opus"), 0, 0, 0, 1, 7, 1, 0, 0, 1, 8];

test("a choice is one of other tracks than track 0 of both kinds, or all of both", () => {
  assert.equal(isChosen(choice(0, 0)), false);
  assert.equal(isChosen(choice(ALL_TRACKS, ALL_TRACKS)), false);
  for (const [video, audio] of [[1, 1], [0, 1], [1, 0], [0, -1], [-1, 0], [255, 255]] as const) {
    assert.equal(isChosen(choice(video, audio)), true, `${video} ${audio}`);
  }
});

test("equal keys mean equal tracks in an equal form", () => {
  assert.equal(trackKey(true, true, choice(1, 2)), "a2v1");
  assert.equal(trackKey(true, true, choice(1, 2, true)), "a2v1:legacy");
  assert.equal(trackKey(true, true, choice(ALL_TRACKS, ALL_TRACKS, true)), "av");
  assert.equal(trackKey(true, false, choice(1, ALL_TRACKS, true)), "a");
  assert.equal(trackKey(false, true, choice(1, 2)), "v1");
  assert.equal(trackKey(false, false, choice(1, 2, true)), "");
});

test("of all tracks everything goes out as it came", () => {
  const picker = new TrackPicker(choice(ALL_TRACKS, ALL_TRACKS));
  assert.deepEqual([picker.videoTrack, picker.audioTrack], [undefined, undefined]);
  for (const sent of [frame(Video, ...TWO_VIDEO), frame(Audio, ...TWO_AUDIO), frame(Data, 1)]) {
    assert.equal(picker.flags(sent), sent.flags);
    assert.equal(picker.payload, sent.payload);
    picker.forget();
    assert.equal(picker.payload.length, 0);
  }
});

test("one track of each kind is taken, and data as it is", () => {
  const picker = new TrackPicker(choice(1, 0));
  assert.deepEqual([picker.videoTrack, picker.audioTrack], [1, 0]);
  const last = (sent: MediaFrame) => {
    const flags = picker.flags(sent);
    return flags === LEFT_OUT ? "left out" : picker.payload.at(-1);
  };
  assert.equal(last(frame(Video, ...TWO_VIDEO)), 8);
  assert.equal(last(frame(Audio, ...TWO_AUDIO)), 7);
  assert.equal(last(frame(Data, 5)), 5);
  assert.equal(last(frame(Video, 0x27, 1, 0, 0, 0, 9)), "left out", "that is track 0");
});
