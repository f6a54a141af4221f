import { test } from "node:test";
import assert from "node:assert/strict";
import { amfObject, type AmfValue, asRecord } from "../../src/core/amf/mod.ts";
import { FrameKind, LiveStream } from "../../src/hub/mod.ts";
import { audioTracks, videoTracks } from "../../src/view/media_view.ts";
import { enhanced } from "../core/media/messages.ts";
import { bytesOf, mediaVectors } from "../core/media/vectors.ts";
import { hex } from "../core/amf/hex.ts";

const GOP = { bytes: 0, frames: 0, ms: 0 };

/** A stream, and a way to push messages into it. */
function live() {
  const stream = new LiveStream("live", "a", { gop: GOP, reconnectWindowMs: 0 }, 0);
  stream.publish({ sessionId: "", address: "", client: "", since: 0 }, { onRevoked() {} }, 0);
  return {
    stream,
    video: (payload: Uint8Array, count = 1) => {
      for (; count > 0; count--) stream.push(FrameKind.Video, 0, payload, 0);
    },
    audio: (payload: Uint8Array, count = 1) => {
      for (; count > 0; count--) stream.push(FrameKind.Audio, 0, payload, 0);
    },
    /** Lets a second pass. */
    measure: () => {
      stream.stats.sample(1000);
      stream.description.measure(1000);
    },
  };
}

/** The message of one track by its id, with a multitrack header. */
function track(kind: "v" | "a", packetType: number, fourCc: string, id: number, body: Uint8Array) {
  const message = enhanced(kind === "v" ? 0x96 : 0x95, fourCc, Uint8Array.of(id, ...body));
  return Uint8Array.of(message[0]!, packetType, ...message.subarray(1));
}

const record = (file: string, index: number) => bytesOf(mediaVectors(file, 1)[index]!.hex);
const metadata = (members: Record<string, AmfValue>) => asRecord(amfObject(members));

test("each track is shown with its own codec, size, colours and rates", () => {
  const { stream, video, measure } = live();
  // Track 0 is AVC as ever, track 1 HEVC in HDR.
  video(record("avc", 0));
  video(track("v", 0, "hvc1", 1, record("colours", 0)));
  video(hex("17 01 000000 00"), 29);
  video(track("v", 3, "hvc1", 1, new Uint8Array(100)), 30);
  measure();
  const [first, second, ...more] = videoTracks(stream, undefined);
  assert.deepEqual(more, []);
  assert.deepEqual({ ...first, bitrate: 0 }, {
    id: 0,
    codec: "avc",
    codecString: "avc1.640028",
    width: 1920,
    height: 1080,
    frameRate: 25,
    bitDepth: 8,
    hdr: null,
    bitrate: 0,
  });
  assert.deepEqual(second, {
    id: 1,
    codec: "hevc",
    codecString: "hvc1.2.4.L60.90",
    width: 320,
    height: 180,
    frameRate: 29.97,
    bitDepth: 10,
    hdr: "pq",
    bitrate: 24_000,
  });
  assert.ok(first!.bitrate! > 1000 && first!.bitrate! < 20_000, `${first!.bitrate}`);
});

test("a track that says nothing of its frame rate is measured, alone and beside others", () => {
  const vp9 = record("vp", 0);
  const { stream, video, measure } = live();
  video(enhanced(0x90, "vp09", vp9));
  video(track("v", 0, "vp09", 3, vp9));
  video(enhanced(0x93, "vp09", new Uint8Array(20)), 39);
  video(track("v", 3, "vp09", 3, new Uint8Array(20)), 15);
  measure();
  // The headers are messages as well.
  const rates = videoTracks(stream, undefined).map(({ id, frameRate }) => [id, frameRate]);
  assert.deepEqual(rates, [[0, 41], [3, 15]]);
});

test("VP9 has its size from a key frame, also of a track by its id", () => {
  const vector = mediaVectors<{ hex: string; frame: string; ffprobe: { width: number } }>(
    "vp",
    6,
  )[2]!;
  const { stream, video } = live();
  for (const id of [0, 1]) {
    video(track("v", 0, "vp09", id, bytesOf(vector.hex)));
    video(track("v", 3, "vp09", id, bytesOf(vector.frame)));
  }
  const widths = videoTracks(stream, undefined).map(({ width }) => width);
  assert.deepEqual(widths, [vector.ffprobe.width, vector.ffprobe.width]);
});

test("audio tracks have codec, rate and channels, of the channel configuration too", () => {
  const opus = new TextEncoder().encode("OpusHead");
  const { stream, audio, measure } = live();
  audio(hex("af 00 1210"));
  audio(track("a", 0, "Opus", 1, Uint8Array.of(...opus, ...hex("01 06 0000 80bb0000 0000 00"))));
  audio(track("a", 0, "ac-3", 2, new Uint8Array(0)));
  audio(track("a", 4, "ac-3", 2, hex("01 06 0000003f")));
  audio(track("a", 1, "Opus", 1, new Uint8Array(125)), 8);
  measure();
  const shown = audioTracks(stream, undefined);
  assert.deepEqual(
    shown.map(({ id, codec, codecString, sampleRate, channels, bitrate }) =>
      [id, codec, codecString, sampleRate, channels, bitrate].join(" ")
    ),
    [
      `0 aac mp4a.40.2 44100 2 ${shown[0]!.bitrate}`,
      "1 opus opus 48000 6 8000",
      "2 ac3 ac-3  6 ",
    ],
  );
});

test("onMetaData fills in for the default track, and under their ids for all", () => {
  const { stream, video } = live();
  const none = new Uint8Array(0);
  video(enhanced(0x90, "vp09", none));
  video(track("v", 0, "vp09", 1, none));
  video(track("v", 0, "vp09", 2, none));
  const said = metadata({
    ...{ width: 640, height: 360, framerate: 30 },
    videoTrackIdInfoMap: amfObject({ 1: amfObject({ width: 320, height: 180, framerate: 15 }) }),
  });
  const shown = videoTracks(stream, said).map(({ width, frameRate }) => [width, frameRate]);
  assert.deepEqual(shown, [[640, 30], [320, 15], [null, null]]);
});

test("before there is media there are no tracks, whatever onMetaData says", () => {
  const { stream, video } = live();
  assert.deepEqual(videoTracks(stream, metadata({ width: 640 })), []);
  assert.deepEqual(audioTracks(stream, metadata({ audiocodecid: 10 })), []);
  video(hex("57 00"));
  assert.deepEqual(videoTracks(stream, metadata({ width: 640 })), []);
});
