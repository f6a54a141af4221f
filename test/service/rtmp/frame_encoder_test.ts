import assert from "node:assert/strict";
import { test } from "node:test";
import { ChunkDecoder } from "../../../src/core/rtmp/chunk/decoder.ts";
import { FrameKind, type MediaFrame } from "../../../src/hub/mod.ts";
import { RtmpEncoders } from "../../../src/service/rtmp/frame_encoder.ts";

const frame = (kind: number, timestamp: number, length: number): MediaFrame => ({
  kind,
  timestamp,
  payload: Uint8Array.from({ length }, (_, index) => index * 7),
  flags: 0,
});

const { Audio, Video, Data } = FrameKind;

test("a frame is encoded in exactly its size, and read back by a decoder", () => {
  for (const chunkSize of [128, 4096, 65_536]) {
    const encoder = new RtmpEncoders(chunkSize).get(1, true, true);
    for (const kind of [Audio, Video, Data]) {
      for (const timestamp of [0, 0xfffffe, 0xffffff, 0x1000000, 0xffffffff]) {
        for (const length of [0, 1, chunkSize, chunkSize + 1, 3 * chunkSize]) {
          const sent = frame(kind, timestamp, length);
          assert.equal(encoder.flags(sent), sent.flags);
          const bytes = new Uint8Array(encoder.size(sent) + 2).fill(0xee);
          encoder.encode(sent, bytes, 1);
          assert.deepEqual([bytes[0], bytes.at(-1)], [0xee, 0xee]);
          const decoder = new ChunkDecoder();
          const seen: unknown[] = [];
          const size = [chunkSize >>> 24, chunkSize >>> 16, chunkSize >>> 8 & 255, chunkSize & 255];
          decoder.decode(Uint8Array.of(2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, ...size), 0, {
            onMessage: () => true,
          });
          decoder.decode(bytes.subarray(1, -1), 0, {
            onMessage(...[type, id, time, payload]) {
              seen.push([type, id, time, payload]);
              return true;
            },
          });
          assert.deepEqual(seen, [[kind, 1, timestamp, sent.payload]]);
        }
      }
    }
  }
});

test("an encoder carries what its players receive, and data always", () => {
  const encoders = new RtmpEncoders(4096);
  for (const audio of [true, false]) {
    for (const video of [true, false]) {
      const encoder = encoders.get(1, audio, video);
      assert.equal(encoder.accepts(Audio), audio);
      assert.equal(encoder.accepts(Video), video);
      assert.equal(encoder.accepts(Data), true);
    }
  }
});

test("players share an encoder when they need the same bytes, and only then", () => {
  const encoders = new RtmpEncoders(4096);
  assert.equal(encoders.get(1, true, true), encoders.get(1, true, true));
  const keys = [1, 2].flatMap((id) =>
    [true, false].flatMap((audio) =>
      [true, false].map((video) => encoders.get(id, audio, video).key)
    )
  );
  // The message stream id makes a variant of an encoding, and no encoding of its own.
  assert.equal(new Set(keys).size, 4);
  const variants = [1, 2, 77].map((id) => encoders.get(id, true, true).variant);
  assert.deepEqual(variants, [undefined, 2, 77]);
});

test("a variant differs in the message stream id alone, whatever chunks and times there are", () => {
  const fits = (value: number) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
  for (const chunkSize of [128, 65_536]) {
    for (const id of [2, 255, 256, 0x01020304]) {
      const encoder = new RtmpEncoders(chunkSize).get(id, true, true);
      for (const kind of [Audio, Video, Data]) {
        for (const timestamp of [0, 0xfffffe, 0xffffff, 0x1000000, 0xffffffff]) {
          for (const length of [0, 1, 3 * chunkSize + 1]) {
            const sent = frame(kind, timestamp, length);
            encoder.flags(sent);
            const bytes = new Uint8Array(encoder.size(sent) + 1);
            encoder.encode(sent, bytes, 1);
            encoder.vary!(bytes, 1, id);
            const seen: unknown[] = [];
            const decoder = new ChunkDecoder();
            const size = Uint8Array.of(2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, ...fits(chunkSize));
            decoder.decode(size, 0, { onMessage: () => true });
            decoder.decode(bytes.subarray(1), 0, {
              onMessage(...[type, messageStreamId, time, payload]) {
                seen.push([type, messageStreamId, time, payload]);
                return true;
              },
            });
            assert.deepEqual(seen, [[kind, id, timestamp, sent.payload]]);
          }
        }
      }
    }
  }
});

test("an encoder says which tracks it carries, and whether those are what most players get", () => {
  const encoders = new RtmpEncoders(4096);
  const about = (audio: boolean, video: boolean, tracks?: [video: number, audio: number]) => {
    const choice = tracks && { video: tracks[0], audio: tracks[1], legacy: false };
    const { chosen, usual, videoTrack, audioTrack } = encoders.get(1, audio, video, choice);
    return { chosen, usual, videoTrack, audioTrack };
  };
  const all = { chosen: false, usual: true, videoTrack: undefined, audioTrack: undefined };
  assert.deepEqual(about(true, true), all);
  assert.deepEqual(about(true, true, [0, 0]), { ...all, videoTrack: 0, audioTrack: 0 });
  const chosen = { chosen: true, usual: false, videoTrack: 1, audioTrack: 2 };
  assert.deepEqual(about(true, true, [1, 2]), chosen);
  for (const [audio, video] of [[true, false], [false, true], [false, false]] as const) {
    assert.deepEqual(about(audio, video), { ...all, usual: false });
  }
});

test("encoders of chosen tracks are not kept, and those of the usual ones are", () => {
  const encoders = new RtmpEncoders(4096);
  const of = (track: number) =>
    encoders.get(1, true, true, { video: track, audio: track, legacy: false });
  assert.equal(of(0), of(0));
  assert.notEqual(of(3), of(3));
  assert.equal(of(3).key, of(3).key);
});
