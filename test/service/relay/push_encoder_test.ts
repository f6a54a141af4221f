/** What a target is sent, by what it takes and what its operator wants. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameFlag, FrameKind, LEFT_OUT, type MediaFrame } from "../../../src/hub/mod.ts";
import type { PushOptions } from "../../../src/plugin/mod.ts";
import { PushEncoder } from "../../../src/service/relay/push_encoder.ts";
import type { TargetCodecs } from "../../../src/service/relay/target_codecs.ts";
import { decodeAmf, encodeAmf } from "../../support/amf0.ts";
import { ChunkReader } from "../../support/chunks.ts";
import { audioFrame, keyFrame } from "../../support/media.ts";

const ALL: TargetCodecs = { enhanced: true, fourCcs: undefined, multitrack: false };
const OLD: TargetCodecs = { enhanced: false, fourCcs: new Set(), multitrack: false };

const make = (codecs = ALL, options: PushOptions = {}, streamId = 1, chunkSize = 128) =>
  new PushEncoder(streamId, chunkSize, codecs, options);

const frame = (kind: number, payload: Uint8Array, flags = 0, timestamp = 1000): MediaFrame => ({
  kind,
  payload,
  flags,
  timestamp,
});
const video = (payload: Uint8Array) => frame(FrameKind.Video, payload, FrameFlag.Key);
const audio = (payload: Uint8Array) => frame(FrameKind.Audio, payload);
const data = (payload: Uint8Array) => frame(FrameKind.Data, payload);
const text = (fourCc: string) => [...new TextEncoder().encode(fourCc)];

/** CodedFrames of a key frame of one codec. */
const enhanced = (fourCc: string, ...rest: number[]) =>
  Uint8Array.of(0x91, ...text(fourCc), ...rest);
const enhancedAudio = (fourCc: string, ...rest: number[]) =>
  Uint8Array.of(0x91, ...text(fourCc), ...rest);

/** What the target reads of a frame; `undefined` where it is left out. */
function sent(encoder: PushEncoder, one: MediaFrame) {
  if (encoder.flags(one) === LEFT_OUT) return undefined;
  const bytes = new Uint8Array(encoder.size(one) + 7).fill(0xee);
  encoder.encode(one, bytes, 7);
  assert.deepEqual(bytes.subarray(0, 7), new Uint8Array(7).fill(0xee));
  const messages = new ChunkReader().read(bytes.subarray(7));
  assert.equal(messages.length, 1);
  return messages[0]!;
}

test("a frame is a message on stream 1, and on another once it is varied", () => {
  const encoder = make();
  const message = sent(encoder, video(keyFrame(300)))!;
  assert.deepEqual(message.payload, keyFrame(300));
  assert.deepEqual([message.type, message.streamId, message.timestamp], [9, 1, 1000]);
  const sound = audio(audioFrame(20));
  assert.equal(encoder.flags(sound), 0);
  const bytes = new Uint8Array(encoder.size(sound));
  encoder.encode(sound, bytes, 0);
  encoder.vary(bytes, 0, 5);
  assert.deepEqual(new ChunkReader().read(bytes).map(({ streamId, type }) => [streamId, type]), [
    [5, 8],
  ]);
  assert.equal(encoder.variant, undefined);
  assert.equal(make(ALL, {}, 5).variant, 5);
});

test("what is equal is encoded once, and what is usual is told from what is not", () => {
  const keys = [
    make(),
    make(OLD),
    make({ ...ALL, multitrack: true }),
    make({ ...ALL, fourCcs: new Set(["hvc1"]) }),
    make({ ...ALL, fourCcs: new Set(["hvc1", "av01"]) }),
    make(ALL, { video: 1 }),
    make(ALL, { video: "none" }),
    make(ALL, { audio: "none" }),
    make(ALL, { audio: 1 }),
    make(ALL, { metadata: false }),
    make(ALL, { metadata: { a: 1 } }),
    make(ALL, { metadata: { a: 2 } }),
  ].map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length, keys.join(" "));
  assert.equal(make(ALL, {}, 5, 4096).key, make().key);
  assert.equal(
    make({ ...ALL, fourCcs: new Set(["av01", "hvc1"]) }).key,
    keys[4],
    "in any order",
  );
  assert.ok(keys.every((key) => key.startsWith("push:")));
  const usual = (codecs?: TargetCodecs, options?: PushOptions) => make(codecs, options).usual;
  assert.equal(usual(), true);
  assert.equal(usual(OLD), true);
  assert.equal(usual({ ...ALL, fourCcs: new Set(["hvc1"]) }), false);
  assert.equal(usual(ALL, { metadata: false }), false);
  assert.equal(usual(ALL, { video: "none" }), false);
  assert.equal(usual(ALL, { audio: "none" }), false);
  assert.equal(usual(ALL, { video: 1 }), false);
});

test("sound, pictures and metadata are sent unless they are not wanted", () => {
  const accepted = (options: PushOptions) =>
    [FrameKind.Audio, FrameKind.Video, FrameKind.Data].map((kind) =>
      make(ALL, options).accepts(kind)
    );
  assert.deepEqual(accepted({}), [true, true, true]);
  assert.deepEqual(accepted({ audio: "none" }), [false, true, true]);
  assert.deepEqual(accepted({ video: "none" }), [true, false, true]);
  assert.deepEqual(accepted({ metadata: false }), [true, true, false]);
  assert.deepEqual(accepted({ metadata: {} }), [true, true, true]);
});

test("tracks are those that are asked for, and all where the target takes several", () => {
  const tracks = (codecs: TargetCodecs, options: PushOptions) => {
    const { videoTrack, audioTrack } = make(codecs, options);
    return [videoTrack, audioTrack];
  };
  assert.deepEqual(tracks(ALL, {}), tracks(ALL, { video: 0, audio: 0 }));
  const several = { ...ALL, multitrack: true };
  assert.deepEqual(tracks(several, {}), tracks(ALL, { video: "all", audio: "all" }));
  assert.notDeepEqual(tracks(several, {}), tracks(ALL, {}));
  assert.equal(tracks(ALL, { video: 3 })[0], 3);
  assert.equal(tracks(ALL, { audio: 4 })[1], 4);
  assert.notEqual(make(several).key, make(several, { video: 0 }).key);
  assert.equal(make(several).key, make(several, { video: "all", audio: "all" }).key);
});

test("codecs that a target does not take are left out", () => {
  const some = make({ enhanced: true, fourCcs: new Set(["hvc1", "Opus"]), multitrack: false });
  assert.ok(sent(some, video(enhanced("hvc1", 0, 0, 0, 1, 2))));
  assert.equal(sent(some, video(enhanced("av01", 1, 2))), undefined);
  assert.ok(sent(some, audio(enhancedAudio("Opus", 1, 2))));
  assert.equal(sent(some, audio(enhancedAudio("fLaC", 1, 2))), undefined);
  assert.ok(sent(some, video(keyFrame())), "what FLV had from the beginning everybody takes");
  assert.ok(sent(some, audio(audioFrame())));
  assert.ok(sent(make(), video(enhanced("av01", 1, 2))));
  // A message of two tracks is taken only if both are.
  const two = (first: string, second: string) =>
    Uint8Array.of(
      ...[0x96, 0x21, ...text(first), 0, 0, 0, 4, 0, 0, 0, 1],
      ...[...text(second), 1, 0, 0, 4, 0, 0, 0, 2],
    );
  const several = make({ enhanced: true, fourCcs: new Set(["hvc1", "vp09"]), multitrack: true });
  assert.ok(sent(several, video(two("hvc1", "vp09"))));
  assert.equal(sent(several, video(two("hvc1", "av01"))), undefined);
  assert.equal(sent(several, video(two("av01", "hvc1"))), undefined);
});

test("a target of the old form gets H.264 and AAC in it, and nothing else of the new one", () => {
  const old = make(OLD);
  const message = sent(old, video(enhanced("avc1", 0, 0, 9, 1, 2, 3)))!;
  assert.deepEqual([...message.payload], [0x17, 1, 0, 0, 9, 1, 2, 3]);
  assert.deepEqual([...sent(old, audio(enhancedAudio("mp4a", 7, 8)))!.payload], [0xaf, 1, 7, 8]);
  assert.equal(sent(old, video(enhanced("hvc1", 0, 0, 0, 1))), undefined);
  assert.equal(sent(old, audio(enhancedAudio("Opus", 1))), undefined);
  assert.deepEqual(sent(old, video(keyFrame()))!.payload, keyFrame());
  // Of a new form without a track: a command of 0x80 | key << 4 | command that is cut off.
  assert.equal(sent(old, video(Uint8Array.of(0x91, 0x68))), undefined);
  assert.equal(sent(old, audio(Uint8Array.of(0x91))), undefined);
  assert.deepEqual([...sent(old, audio(Uint8Array.of(0x2f, 1)))!.payload], [0x2f, 1]);
  const some = make({ enhanced: true, fourCcs: new Set(["hvc1"]), multitrack: false });
  assert.ok(sent(some, video(Uint8Array.of(0x91, 0x68))), "nobody misses or minds it");
});

test("metadata is stored there, and changed as its operator wants", () => {
  const said = encodeAmf("onMetaData", { title: "a", width: 1 });
  const of = (metadata: PushOptions["metadata"], payload = said) =>
    decodeAmf(sent(make(ALL, { metadata }), data(payload))!.payload);
  assert.deepEqual(of(undefined).slice(0, 2), ["@setDataFrame", "onMetaData"]);
  assert.deepEqual({ ...of(undefined)[2] as object }, { title: "a", width: 1 });
  assert.deepEqual({ ...of({ title: "b", width: null, live: true })[2] as object }, {
    title: "b",
    live: true,
  });
  // Other data messages stay as they are, and so does what cannot be read.
  assert.deepEqual(of({ title: "b" }, encodeAmf("onTextData", { title: "a" })), [
    "onTextData",
    { title: "a" },
  ]);
  const odd = encodeAmf("onMetaData", "no object");
  assert.deepEqual(of({ title: "b" }, odd), ["@setDataFrame", "onMetaData", "no object"]);
  const flags = make().flags(frame(FrameKind.Data, said, FrameFlag.Header));
  assert.equal(flags, FrameFlag.Header);
});
