/** Messages of recordings as bytes: a few for one client, and blocks for all. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MediaFlag } from "../../../src/core/media/mod.ts";
import { type FrameEncoder, FrameFlag, MediaMemory } from "../../../src/hub/mod.ts";
import type { PlayedMessage } from "../../../src/recordings/played_file.ts";
import { encodedFrames, frameOf } from "../../../src/service/rtmp/encoded_frames.ts";
import { RtmpEncoders } from "../../../src/service/rtmp/frame_encoder.ts";
import { BlockFlag, BlockWriter } from "../../../src/service/rtmp/recorded_block.ts";
import { ChunkReader } from "../../support/chunks.ts";

const LONG = 0xff_ffff;
const message = (kind: number, time: number, length = 3, media = 0): PlayedMessage => ({
  kind,
  time,
  payload: new Uint8Array(length).fill(length),
  media,
});

const encoders = new RtmpEncoders(128);
const everything = encoders.get(1, true, true);

const read = (bytes: Uint8Array | undefined) =>
  new ChunkReader().read(bytes ?? new Uint8Array(0)).map(({ type, streamId, timestamp, payload }) =>
    `${type} ${streamId} ${timestamp} ${payload.length}`
  );

test("a message has its time from where its client began, and never one before", () => {
  const { kind, timestamp, flags, payload } = frameOf(message(9, 5000), 2000);
  assert.deepEqual([kind, timestamp, flags, payload.length], [9, 3000, 0, 3]);
  assert.equal(frameOf(message(9, 1999), 2000).timestamp, 0);
  assert.equal(frameOf(message(9, 2 ** 32 + 7), 2).timestamp, 5);
  assert.equal(frameOf(message(9, 0, 1, MediaFlag.SequenceHeader), 0).flags, FrameFlag.Header);
  assert.equal(frameOf(message(9, 0, 1, MediaFlag.Presentation), 0).flags, FrameFlag.Header);
  assert.equal(frameOf(message(9, 0, 1, MediaFlag.Multitrack), 0).flags, FrameFlag.Multitrack);
});

test("messages are encoded one behind the other, those that are carried, with the client's id", () => {
  const some = [message(18, 1000, 5), message(9, 1000, 7), message(8, 1040, 2)];
  assert.deepEqual(read(encodedFrames(everything, some, 1000)), [
    "18 1 0 5",
    "9 1 0 7",
    "8 1 40 2",
  ]);
  assert.deepEqual(read(encodedFrames(encoders.get(7, false, true), some, 0)), [
    "18 7 1000 5",
    "9 7 1000 7",
  ]);
  assert.equal(encodedFrames(encoders.get(1, false, true), some.slice(2), 0), undefined);
  assert.equal(encodedFrames(everything, [], 0), undefined);
});

const end = { next: { offset: 99 }, isFull: true };

test("a block knows of each message where it ends, its time and what it is", () => {
  const memory = new MediaMemory();
  const writer = new BlockWriter(everything, true, 500);
  writer.take(message(9, 1000, 5, MediaFlag.SequenceHeader));
  writer.take(message(8, 1000, 4, MediaFlag.SequenceHeader));
  writer.take(message(9, 1040, 100));
  writer.take(message(8, 1020, 10));
  writer.take(message(9, 1060, 0));
  writer.take(message(18, 1060, 8));
  const block = writer.finish(memory, end)!;
  assert.equal(block.count, 6);
  assert.equal(block.next, end.next);
  assert.equal(block.zero, 500);
  assert.equal(block.latest, 1060);
  assert.equal(block.isLong, false);
  assert.deepEqual(block.times, [1000, 1000, 1040, 1020, 1060, 1060]);
  assert.deepEqual(block.flags, [
    BlockFlag.Header,
    BlockFlag.Header | BlockFlag.Sound,
    BlockFlag.Shown,
    BlockFlag.Sound,
    0,
    0,
  ]);
  const heads = 6 * 12;
  assert.equal(block.ends.at(-1), heads + 5 + 4 + 100 + 10 + 0 + 8);
  assert.deepEqual([block.startOf(0), block.startOf(1)], [0, 17]);
  assert.equal(block.startOf(2), block.ends[1]);
  assert.deepEqual(read(block.bytes.subarray(block.startOf(2), block.ends[3])), [
    "9 1 540 100",
    "8 1 520 10",
  ]);
  const { used } = memory;
  block.drop();
  assert.equal(memory.used - memory.spare, 0);
  assert.ok(used >= block.ends.at(-1)! + 512 + 6 * 24, "what it is beside its bytes counts");
  writer.close();
});

test("in a file without pictures sound is what is shown", () => {
  const writer = new BlockWriter(everything, false, 0);
  writer.take(message(8, 0, 4));
  writer.take(message(8, 20, 0));
  assert.deepEqual(writer.flags, [BlockFlag.Sound | BlockFlag.Shown, BlockFlag.Sound]);
  writer.close();
});

test("what an encoder leaves out is there without bytes", () => {
  const writer = new BlockWriter(encoders.get(1, true, false), true, 0);
  writer.take(message(9, 0, 50));
  writer.take(message(8, 5, 20));
  writer.take(message(9, LONG, 50));
  assert.deepEqual(writer.ends, [0, 32, 32]);
  assert.equal(writer.length, 32);
  assert.equal(writer.latest, LONG);
  assert.equal(writer.isLong, false, "that of what is left out does not count");
  writer.close();
});

test("a block is long from the first message that has its time in each chunk", () => {
  for (
    const [time, zero, isLong] of [[LONG - 1, 0, false], [LONG, 0, true], [LONG, 1, false]] as const
  ) {
    const writer = new BlockWriter(everything, true, zero);
    writer.take(message(9, time));
    assert.equal(writer.isLong, isLong, `${time} ${zero}`);
    writer.close();
  }
});

test("a block of any size holds all of it, and nothing that was read is no block", () => {
  const memory = new MediaMemory();
  const writer = new BlockWriter(everything, true, 0);
  const sizes = [100, 200_000, 100_000, 900_000, 5];
  for (const size of sizes) writer.take(message(9, 0, size));
  const block = writer.finish(memory, end)!;
  assert.deepEqual(
    read(block.bytes.subarray(0, block.ends.at(-1))),
    sizes.map((size) => `9 1 0 ${size}`),
  );
  const bytes = block.bytes.subarray(0, block.ends.at(-1));
  assert.equal(bytes[12], 100);
  block.drop();
  writer.close();
  assert.equal(new BlockWriter(everything, true, 0).finish(memory, undefined), undefined);
});

test("an encoder that varies is told where each message is", () => {
  const varied: [number, number][] = [];
  const encoder: FrameEncoder = {
    key: "k",
    variant: 9,
    accepts: (kind) => kind !== 18,
    flags: ({ flags }) => flags,
    size: ({ payload }) => payload.length,
    encode: ({ payload }, target, offset) => target.set(payload, offset),
    vary: (_bytes, offset, id) => void varied.push([offset, id]),
  };
  const bytes = encodedFrames(encoder, [message(9, 0, 2), message(18, 0, 9), message(8, 0, 3)], 0);
  assert.deepEqual(bytes, Uint8Array.of(2, 2, 3, 3, 3));
  assert.deepEqual(varied, [[0, 9], [2, 9]]);
});

test("a block has room for what there nearly always is, and twice as much each time that is not enough", () => {
  const writer = new BlockWriter(everything, true, 0);
  const room = () => writer.bytes.buffer.byteLength;
  assert.equal(room(), 0, "none before the first message");
  writer.take(message(9, 0, 1));
  assert.equal(room(), 256 * 1024);
  writer.take(message(9, 0, 250 * 1024));
  assert.equal(room(), 256 * 1024);
  writer.take(message(9, 0, 8 * 1024));
  assert.equal(room(), 512 * 1024);
  writer.take(message(9, 0, 3 * 1024 * 1024));
  assert.ok(room() >= 3 * 1024 * 1024);
  writer.close();
});
