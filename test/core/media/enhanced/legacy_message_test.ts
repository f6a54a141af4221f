/** Tracks of H.264 and AAC in the form of before Enhanced RTMP. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  audioFlags,
  AudioPacketType,
  encodeEnhanced,
  EnhancedReader,
  FourCc,
  legacyMessage,
  MediaFlag,
  NO_MESSAGE,
  simpleMessage,
  Tracks,
  videoFlags,
  VideoFrameType,
  VideoPacketType,
} from "../../../../src/core/media/mod.ts";

const BODY = [9, 8, 7, 6, 5];

/** What becomes of a track of a message with several. */
function legacy(
  kind: "video" | "audio",
  fourCc: number,
  packetType: number,
  frameType = 0,
  body: readonly number[] = BODY,
): number[] | undefined {
  const payload = encodeEnhanced({
    kind,
    frameType,
    packetType,
    modEx: [{ type: 0, data: Uint8Array.of(1, 2, 3) }],
    form: Tracks.ManyTracks,
    tracks: [{ id: 4, fourCc, body: Uint8Array.of(1) }, {
      id: 5,
      fourCc,
      body: Uint8Array.from(body),
    }],
  });
  const reader = new EnhancedReader();
  assert.ok(kind === "video" ? reader.openVideo(payload) : reader.openAudio(payload));
  reader.next();
  reader.next();
  assert.equal(reader.trackId, 5);
  const made = legacyMessage(payload, reader);
  if (made === NO_MESSAGE) return [];
  return made && [...made];
}

test("a configuration of avc1 becomes an AVC sequence header", () => {
  const made = legacy("video", FourCc.Avc, VideoPacketType.SequenceStart, VideoFrameType.Key);
  assert.deepEqual(made, [0x17, 0, 0, 0, 0, ...BODY]);
  assert.equal(videoFlags(Uint8Array.from(made!)), MediaFlag.SequenceHeader);
});

test("frames of avc1 keep their frame type and composition time, which is 0 without one", () => {
  const { CodedFrames, CodedFramesX } = VideoPacketType;
  const { Key, Inter, Disposable } = VideoFrameType;
  const timed = [0xff, 0xff, 0xfe, 1, 2];
  for (const type of [Key, Inter, Disposable]) {
    const first = type << 4 | 7;
    assert.deepEqual(legacy("video", FourCc.Avc, CodedFrames, type, timed), [first, 1, ...timed]);
    const made = legacy("video", FourCc.Avc, CodedFramesX, type);
    assert.deepEqual(made, [first, 1, 0, 0, 0, ...BODY]);
  }
});

test("the end of a sequence of avc1 is the AVC end of sequence", () => {
  const made = legacy("video", FourCc.Avc, VideoPacketType.SequenceEnd, VideoFrameType.Key, []);
  assert.deepEqual(made, [0x17, 2, 0, 0, 0]);
  assert.equal(videoFlags(Uint8Array.from(made!)), MediaFlag.EndOfSequence);
});

test("configuration and frames of mp4a become AAC of sound format 10", () => {
  const { SequenceStart, CodedFrames } = AudioPacketType;
  const header = legacy("audio", FourCc.Aac, SequenceStart);
  assert.deepEqual(header, [0xaf, 0, ...BODY]);
  assert.equal(audioFlags(Uint8Array.from(header!)), MediaFlag.SequenceHeader);
  assert.deepEqual(legacy("audio", FourCc.Aac, CodedFrames), [0xaf, 1, ...BODY]);
});

test("what the old form has no word for is no message", () => {
  const { Metadata, Mpeg2TsSequenceStart } = VideoPacketType;
  for (const packetType of [Metadata, Mpeg2TsSequenceStart, 15]) {
    assert.deepEqual(legacy("video", FourCc.Avc, packetType, VideoFrameType.Key), []);
  }
  for (const packetType of [AudioPacketType.SequenceEnd, AudioPacketType.MultichannelConfig, 15]) {
    assert.deepEqual(legacy("audio", FourCc.Aac, packetType), []);
  }
});

test("other codecs have no old form that every player reads", () => {
  for (const fourCc of [FourCc.Hevc, FourCc.Av1, FourCc.Vp9, FourCc.Vp8, FourCc.Vvc]) {
    assert.equal(legacy("video", fourCc, VideoPacketType.CodedFramesX, 1), undefined);
  }
  for (const fourCc of [FourCc.Opus, FourCc.Flac, FourCc.Ac3, FourCc.Eac3, FourCc.Mp3]) {
    assert.equal(legacy("audio", fourCc, AudioPacketType.CodedFrames), undefined);
  }
});

test("a track of other codecs becomes a message of Enhanced RTMP alone, without extensions", () => {
  for (const kind of ["video", "audio"] as const) {
    const fourCc = kind === "video" ? FourCc.Hevc : FourCc.Opus;
    const payload = encodeEnhanced({
      kind,
      frameType: kind === "video" ? VideoFrameType.Key : 0,
      packetType: VideoPacketType.CodedFramesX,
      modEx: [{ type: 0, data: Uint8Array.of(1, 2, 3) }],
      form: Tracks.ManyTracks,
      tracks: [{ id: 4, fourCc, body: Uint8Array.of(1) }, {
        id: 5,
        fourCc,
        body: Uint8Array.from(BODY),
      }],
    });
    const reader = new EnhancedReader();
    assert.ok(kind === "video" ? reader.openVideo(payload) : reader.openAudio(payload));
    reader.next();
    reader.next();
    const head = kind === "video" ? [0x93, ..."hvc1"] : [0x93, ..."Opus"];
    const bytes = head.map((one) => typeof one === "string" ? one.charCodeAt(0) : one);
    assert.deepEqual([...simpleMessage(payload, reader)], [...bytes, ...BODY], kind);
  }
  const simple = Uint8Array.of(0x93, 0x68, 0x76, 0x63, 0x31, 1, 2);
  const reader = new EnhancedReader();
  assert.ok(reader.openVideo(simple));
  reader.next();
  assert.equal(simpleMessage(simple, reader), simple, "what is so already is not copied");
});
