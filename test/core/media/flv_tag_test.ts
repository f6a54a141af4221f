/** The numbers in the first bytes of messages, as the specifications give them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as tag from "../../../src/core/media/flv_tag.ts";

test("frame types, codecs and packet types of video are those of FLV and Enhanced RTMP", () => {
  // [FLV §E.4.3.1]
  const { Key, Inter, Disposable, GeneratedKey, Command } = tag.VideoFrameType;
  assert.deepEqual([Key, Inter, Disposable, GeneratedKey, Command], [1, 2, 3, 4, 5]);
  const { SorensonH263, ScreenVideo, Vp6, Vp6Alpha, ScreenVideo2, Avc, Hevc, Av1 } =
    tag.VideoCodecId;
  assert.deepEqual(
    [SorensonH263, ScreenVideo, Vp6, Vp6Alpha, ScreenVideo2, Avc, Hevc, Av1],
    [2, 3, 4, 5, 6, 7, 12, 13],
  );
  assert.deepEqual({ ...tag.AvcPacketType }, { SequenceHeader: 0, Coded: 1, EndOfSequence: 2 });
  // [E-RTMP v2 "ExVideoTagHeader"]
  assert.deepEqual({ ...tag.VideoPacketType }, {
    ...{ SequenceStart: 0, CodedFrames: 1, SequenceEnd: 2, CodedFramesX: 3, Metadata: 4 },
    ...{ Mpeg2TsSequenceStart: 5, Multitrack: 6 },
  });
});

test("sound formats and packet types of sound are those of FLV and Enhanced RTMP", () => {
  // [FLV §E.4.2.1]
  assert.deepEqual({ ...tag.SoundFormat }, {
    ...{ Pcm: 0, Adpcm: 1, Mp3: 2, PcmLittleEndian: 3, Nellymoser16k: 4, Nellymoser8k: 5 },
    ...{ Nellymoser: 6, G711A: 7, G711U: 8, Enhanced: 9, Aac: 10, Speex: 11, Opus: 13 },
    Mp3At8k: 14,
  });
  assert.deepEqual({ ...tag.AacPacketType }, { SequenceHeader: 0, Raw: 1 });
  // [E-RTMP v2 "ExAudioTagHeader"]
  assert.deepEqual({ ...tag.AudioPacketType }, {
    ...{ SequenceStart: 0, CodedFrames: 1, SequenceEnd: 2, MultichannelConfig: 4, Multitrack: 5 },
  });
});
