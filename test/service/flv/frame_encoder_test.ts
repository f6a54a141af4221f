/** Frames as FLV tags. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameKind, LEFT_OUT, type MediaFrame } from "../../../src/hub/mod.ts";
import { FlvEncoders } from "../../../src/service/flv/frame_encoder.ts";
import { BARE, CHUNKED } from "../../../src/service/flv/framing.ts";
import { ALL_TRACKS } from "../../../src/service/track_choice.ts";

const { Audio, Video, Data } = FrameKind;
/** Players of both kinds of media in the plain form. */
const tracks = (video: number, audio: number) => ({
  audio: true,
  video: true,
  enhanced: false,
  tracks: { video, audio, legacy: true },
});
const frame = (kind: number, timestamp: number, ...payload: number[]): MediaFrame => ({
  kind,
  timestamp,
  payload: Uint8Array.from(payload),
  flags: 1,
});

test("a frame is a tag of its kind and time, with its size behind it", () => {
  const encoder = new FlvEncoders().get(tracks(0, 0), BARE);
  for (const kind of [Audio, Video, Data]) {
    assert.equal(encoder.accepts(kind), true);
    const sent = frame(kind, 0x12345678, 0x27, 1, 9);
    assert.equal(encoder.flags(sent), 1);
    const size = encoder.size(sent);
    assert.equal(size, 11 + 3 + 4);
    const bytes = new Uint8Array(size + 2);
    encoder.encode(sent, bytes, 1);
    const tag = [kind, 0, 0, 3, 0x34, 0x56, 0x78, 0x12, 0, 0, 0, 0x27, 1, 9, 0, 0, 0, 14];
    assert.deepEqual([...bytes], [0, ...tag, 0]);
  }
});

test("a tag without a body is left out, and one of a byte is not", () => {
  const encoder = new FlvEncoders().get(tracks(ALL_TRACKS, ALL_TRACKS), BARE);
  assert.equal(encoder.flags(frame(Video, 0)), LEFT_OUT);
  assert.equal(encoder.flags(frame(Video, 0, 0x27)), 1);
});

test("players of the same tracks share an encoder, but for chosen ones", () => {
  const encoders = new FlvEncoders();
  const of = (video: number, audio: number) => encoders.get(tracks(video, audio), BARE);
  for (const usual of [0, ALL_TRACKS]) {
    const encoder = of(usual, usual);
    assert.equal(of(usual, usual), encoder);
    assert.deepEqual([encoder.chosen, encoder.usual], [false, true]);
  }
  const chosen = of(1, 2);
  assert.notEqual(of(1, 2), chosen);
  assert.equal(of(1, 2).key, chosen.key);
  assert.deepEqual(
    [chosen.chosen, chosen.usual, chosen.videoTrack, chosen.audioTrack],
    [true, false, 1, 2],
  );
  assert.equal(of(0, 0).key, "flv:bare:plain:a0v0:legacy");
  const others = [
    encoders.get(tracks(0, 0), CHUNKED),
    encoders.get({ ...tracks(0, 0), enhanced: true }, BARE),
    encoders.get({ ...tracks(0, 0), audio: false }, BARE),
    encoders.get({ ...tracks(0, 0), video: false }, BARE),
  ];
  assert.equal(new Set([of(0, 0), ...others].map(({ key }) => key)).size, 5);
  assert.deepEqual(others.map(({ usual }) => usual), [true, true, false, false]);
  assert.notEqual(of(0, 0).key, of(ALL_TRACKS, ALL_TRACKS).key);
});
