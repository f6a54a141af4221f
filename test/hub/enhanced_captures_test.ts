import assert from "node:assert/strict";
import { test } from "node:test";
import {
  encodeEnhanced,
  parseEnhanced,
  VideoFrameType,
  VideoPacketType,
} from "../../src/core/media/mod.ts";
import { LiveStream } from "../../src/hub/mod.ts";
import { audioTracks, videoTracks } from "../../src/view/media_view.ts";
import { toHex } from "../core/amf/hex.ts";
import { decodedOf, ENHANCED_NAMES, enhancedMedia } from "../support/enhanced.ts";

const VIDEO = 9;

/** What a message is, by the words of the specifications alone. */
function classify(type: number, payload: Uint8Array) {
  const message = parseEnhanced(type === VIDEO ? "video" : "audio", payload);
  if (message !== undefined) {
    const { packetType, frameType, tracks: [track] } = message;
    const id = track!.id;
    if (packetType === VideoPacketType.SequenceStart) {
      return { what: "header", id, isEmpty: track!.body.length === 0 };
    }
    if (packetType === VideoPacketType.Metadata) return { what: "presentation", id };
    const isCoded = packetType === VideoPacketType.CodedFrames ||
      packetType === VideoPacketType.CodedFramesX;
    return { what: type === VIDEO && isCoded && frameType === VideoFrameType.Key ? "key" : "", id };
  }
  const isHeader = type === VIDEO ? payload[1] === 0 : payload[0]! >> 4 === 10 && payload[1] === 0;
  if (isHeader) return { what: "header", id: 0, isEmpty: payload.length <= 2 };
  return { what: type === VIDEO && payload[0] === 0x17 && payload[1] === 1 ? "key" : "", id: 0 };
}

/** A stream that nobody has published to yet but for its owner. */
function live(): LiveStream {
  const gop = { bytes: 1e7, frames: 1e4, ms: 1e9 };
  const stream = new LiveStream("live", "a", { gop, reconnectWindowMs: 0 }, 0);
  stream.publish({ sessionId: "", address: "", client: "", since: 0 }, { onRevoked() {} }, 0);
  return stream;
}

const text = ({ kind, payload }: { kind: number; payload: Uint8Array }) =>
  `${kind} ${toHex(payload)}`;

for (const name of ENHANCED_NAMES) {
  const messages = enhancedMedia(name);

  test(`${name}: every message of Enhanced RTMP is taken apart and made again`, () => {
    let count = 0;
    for (const { type, payload } of messages) {
      const isEnhanced = type === VIDEO ? payload[0]! >= 0x80 : payload[0]! >> 4 === 9;
      if (!isEnhanced) continue;
      count++;
      const message = parseEnhanced(type === VIDEO ? "video" : "audio", payload);
      assert.ok(message !== undefined, toHex(payload));
      assert.equal(toHex(encodeEnhanced(message)), toHex(payload));
    }
    assert.ok(count > 10 || name === "ff-avc-mp3-48k", `${count}`);
  });

  test(`${name}: whoever joins, wherever that is, is sent the headers of every track and the GOP`, () => {
    const stream = live();
    const headers = new Map<string, string>();
    let gop: string[] | undefined;
    for (const { type, payload, timestamp } of messages) {
      stream.push(type, timestamp, payload, timestamp);
      const { what, id, isEmpty } = classify(type, payload);
      const line = text({ kind: type, payload });
      // Video first, then by track, its header before what else it says.
      const key = `${type === VIDEO ? 0 : 1} ${id} ${what}`;
      if (what === "header") {
        const known = headers.get(key);
        if (known !== undefined && isEmpty) continue;
        if (known !== undefined && known !== line) gop = undefined;
        headers.set(key, line);
      } else if (what === "presentation") {
        headers.set(key, line);
      } else {
        if (what === "key" && id === 0) gop = [];
        gop?.push(line);
      }
      const expected = [...headers].sort(([a], [b]) => a < b ? -1 : 1).map(([, value]) => value);
      assert.deepEqual(stream.headers().map(text), expected);
      assert.deepEqual([...stream.gop()].map(text), gop ?? []);
    }
    assert.ok(headers.size > 0);
    assert.equal(stream.framesBeforeKey, 0);
  });

  test(`${name}: its tracks are described as FFmpeg decodes them`, () => {
    const stream = live();
    for (const { type, payload, timestamp } of messages) {
      stream.push(type, timestamp, payload, timestamp);
    }
    const { video, audio } = decodedOf(name);
    const codecOf = (codec: string) => codec === "h264" ? "avc" : codec;
    assert.deepEqual(
      videoTracks(stream, undefined).map((
        { id, codec, width, height, hdr, bitDepth },
      ) => [id, codec, width, height, hdr, bitDepth]),
      video.map(({ codec, width, height }, id) => {
        const isHdr = name === "ff-hevc-hdr";
        return [id, codecOf(codec), width, height, isHdr ? "pq" : null, isHdr ? 10 : 8];
      }),
    );
    assert.deepEqual(
      audioTracks(stream, undefined).map((
        { id, codec, channels, sampleRate },
      ) => [id, codec, channels, sampleRate]),
      audio.map(({ codec, channels, sampleRate }, id) => [id, codec, channels, sampleRate]),
    );
    for (
      const { codecString } of [
        ...videoTracks(stream, undefined),
        ...audioTracks(stream, undefined),
      ]
    ) {
      assert.match(
        codecString!,
        /^(avc1\.64000[9a]|hvc1\.(1\.6|2\.4)\.L30\.90|av01\.0\.00M\.08|vp09\.00\.10\.08|mp4a\.40\.2|opus|flac|mp3|ac-3|ec-3)$/,
      );
    }
  });
}

test("the captures have every codec that programs send, and several tracks", () => {
  assert.ok(ENHANCED_NAMES.length >= 16);
  const codecs = new Set(
    ENHANCED_NAMES.flatMap((name) => [...decodedOf(name).video, ...decodedOf(name).audio])
      .map(({ codec }) => codec),
  );
  assert.deepEqual([...codecs].sort(), [
    ...["aac", "ac3", "av1", "eac3", "flac", "h264", "hevc", "mp3", "opus", "vp9"],
  ]);
  assert.ok(ENHANCED_NAMES.filter((name) => decodedOf(name).video.length > 1).length >= 4);
});
