/** What one player is handed out of blocks that are shared. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MediaFlag } from "../../../src/core/media/mod.ts";
import { FrameKind, MediaMemory, type Writer } from "../../../src/hub/mod.ts";
import type { PlayedFile, PlayedMessage, Stand } from "../../../src/recordings/played_file.ts";
import { BlockReader, type Cut } from "../../../src/service/rtmp/block_reader.ts";
import { RtmpEncoders } from "../../../src/service/rtmp/frame_encoder.ts";
import { RecordedBlocks } from "../../../src/service/rtmp/recorded_blocks.ts";
import { ChunkReader } from "../../support/chunks.ts";

const { Audio, Video } = FrameKind;

/** From here on times are in each chunk [RTMP 1.0 §5.3.1.3]. */
const LONG = 0xff_ffff;
/** So large that no message has a second chunk. */
const CHUNK_SIZE = 65_536;
const HEAD = 12;

const message = (kind: number, time: number, length = 4, media = 0): PlayedMessage => ({
  ...{ kind, time, media },
  payload: new Uint8Array(length).fill(kind),
});

/** A file of blocks with these messages; it waits to be told to read where that is wanted. */
class FakeFile {
  readonly hasVideo = true;
  gate: Promise<void> = Promise.resolve();
  readonly #blocks: readonly (readonly PlayedMessage[])[];

  constructor(blocks: readonly (readonly PlayedMessage[])[]) {
    this.#blocks = blocks;
  }

  async read({ offset }: Stand, take: (message: PlayedMessage) => void) {
    await this.gate;
    const block = this.#blocks[offset];
    if (block === undefined) return undefined;
    for (const one of block) take(one);
    return { next: { offset: offset + 1 }, isFull: true };
  }
}

function setUp(
  blocks: readonly (readonly PlayedMessage[])[],
  { zero = 0, streamId = 1, memory = new MediaMemory() } = {},
) {
  const file = new FakeFile(blocks);
  const shared = new RecordedBlocks(memory);
  const encoders = new RtmpEncoders(CHUNK_SIZE);
  const sink = { busy: false, gone: false } as Writer & { busy: boolean };
  const make = () =>
    new BlockReader(
      { blocks: shared, memory },
      file as unknown as PlayedFile,
      sink,
      encoders.get(streamId, true, true),
      { offset: 0 },
      zero,
    );
  const reader = make();
  /** The block that it is in, read if it is not there. */
  const block = async () => {
    for (let reads = 0; reads < 3; reads++) {
      const found = reader.block(false);
      if (found !== undefined) return found;
      if (await reader.load(false) === "none") break;
    }
    return assert.fail("there is no block");
  };
  const take = async (cut: Partial<Cut> = {}) => {
    const all = { to: Infinity, soundFrom: -1, seen: -1, once: false };
    return reader.take(await block(), { ...all, ...cut });
  };
  return { file, memory, shared, encoders, sink, make, reader, block, take };
}

/** What is in bytes, as "kind time stream". */
const shown = (bytes: Uint8Array | undefined) =>
  bytes &&
  new ChunkReader().read(bytes).map(({ type, timestamp, streamId }) =>
    `${type} ${timestamp} ${streamId}`
  );

const PICTURES = [0, 40, 80].map((time) => message(Video, time));

test("what is due is a part of what all share, and the rest comes behind it", async () => {
  const { reader, block, take } = setUp([PICTURES, [message(Video, 120)]]);
  const first = await block();
  assert.equal(reader.timeIn(first), 0);
  const handed = (await take({ to: 40 }))!;
  assert.deepEqual(shown(handed.bytes), ["9 0 1", "9 40 1"]);
  assert.equal(handed.bytes.buffer, first.bytes.buffer);
  assert.deepEqual([handed.time, handed.shown], [40, false]);
  assert.equal(reader.timeIn(first), 80);
  assert.equal(reader.take(first, { to: 79, soundFrom: -1, seen: -1, once: false }), undefined);
  assert.deepEqual(shown((await take())!.bytes), ["9 80 1"]);
  assert.equal(reader.timeIn(first), undefined, "it is in the next one");
  assert.deepEqual(shown((await take())!.bytes), ["9 120 1"]);
  assert.equal(await reader.load(false), "none");
});

test("what was seen, and sound of before the place, is left out, but no header", async () => {
  const block = [
    message(Audio, 5, 4, MediaFlag.SequenceHeader),
    message(Video, 10),
    message(Audio, 20),
    message(Audio, 30),
    message(Video, 40),
    message(Audio, 50),
  ];
  const { take, reader } = setUp([block]);
  // Bytes have no holes: what follows one that is left out comes by itself.
  const parts: (string[] | undefined)[] = [];
  for (let part = 0; part < 2; part++) {
    parts.push(shown((await take({ soundFrom: 50 }))!.bytes));
  }
  assert.deepEqual(parts, [["8 5 1", "9 10 1"], ["9 40 1", "8 50 1"]]);
  reader.goTo({ offset: 0 });
  assert.deepEqual(shown((await take({ seen: 30 }))!.bytes), ["9 40 1", "8 50 1"]);
  reader.goTo({ offset: 0 });
  assert.equal(await take({ seen: 50 }), undefined);
});

test("one picture is handed out where no more is wanted", async () => {
  const header = message(Video, 0, 4, MediaFlag.SequenceHeader);
  const { take } = setUp([[header, message(Audio, 0), ...PICTURES]]);
  const handed = (await take({ once: true }))!;
  assert.deepEqual([shown(handed.bytes), handed.shown], [["9 0 1", "8 0 1", "9 0 1"], true]);
});

test("who begins elsewhere, or on another message stream, has copies with times and ids of his own", async () => {
  const moved = setUp([PICTURES], { zero: 40 });
  const handed = (await moved.take())!;
  assert.deepEqual(shown(handed.bytes), ["9 0 1", "9 0 1", "9 40 1"], "none is before his 0");
  assert.equal(handed.time, 80);
  const varied = setUp([PICTURES], { streamId: 7 });
  const block = await varied.block();
  assert.deepEqual(shown((await varied.take())!.bytes), ["9 0 7", "9 40 7", "9 80 7"]);
  assert.deepEqual(shown(block.bytes.subarray(0, block.ends.at(-1))), [
    ...["9 0 1", "9 40 1", "9 80 1"],
  ], "what is shared stays");
  const both = setUp([PICTURES], { streamId: 7, zero: -1000 });
  assert.deepEqual(shown((await both.take({ to: 40 }))!.bytes), ["9 1000 7", "9 1040 7"]);
});

test("copies have 64 KiB at the most, or one message where memory is short", async () => {
  const half = 32 * 1024 - HEAD;
  const times = async (length: number, memory = new MediaMemory()) => {
    const { take } = setUp([[0, 1, 2, 3].map((time) => message(Video, time, length))], {
      ...{ streamId: 7, memory },
    });
    return (await take())!.bytes.length;
  };
  assert.equal(await times(half), 64 * 1024);
  assert.equal(await times(half + 1), half + 1 + HEAD);
  assert.equal(await times(60), 4 * (60 + HEAD));
  const tight = new MediaMemory(1024 * 1024);
  tight.count(1000 * 1024);
  assert.equal(tight.tight, true);
  assert.equal(await times(60, tight), 60 + HEAD);
});

test("memory is held for what is being written, and for a block until something was taken of it", async () => {
  const { memory, take, reader, shared } = setUp([PICTURES], { streamId: 7 });
  const held = () => memory.used - memory.spare;
  await take({ to: 0 });
  const copied = held();
  shared.clear();
  assert.ok(held() > 0 && held() < copied, "the copy alone");
  reader.written();
  assert.equal(held(), 0);
  await reader.load(false);
  shared.clear();
  assert.ok(held() > 0, "it was read for him");
  reader.rest();
  assert.equal(held(), 0);
  await take({ to: 40 });
  shared.clear();
  const one = held();
  assert.ok(one > 0);
  await take();
  shared.clear();
  assert.ok(held() <= one, "of two writes one is held");
  reader.close();
  reader.close();
  assert.equal(held(), 0);
});

test("who goes while he is written to leaves that until it is over", async () => {
  const { memory, take, reader, shared, sink } = setUp([PICTURES]);
  await take();
  sink.busy = true;
  reader.close();
  shared.clear();
  assert.ok(memory.used - memory.spare > 0);
});

test("a block whose times need more bytes is encoded anew for who begins elsewhere", async () => {
  for (
    const [zero, latest, own] of [
      [0, LONG, 0],
      [10, LONG - 1, 0],
      [10, LONG, 10],
      [-10, LONG - 11, 0],
      [-10, LONG - 10, -10],
    ] as const
  ) {
    const { block, take } = setUp([[message(Video, 500), message(Video, latest)]], { zero });
    assert.equal((await block()).zero, own, `${zero} ${latest}`);
    assert.deepEqual(shown((await take())!.bytes), [
      `9 ${500 - zero} 1`,
      `9 ${latest - zero} 1`,
    ]);
  }
});

test("a block is read alone or together with others, and no more for who has gone on or away", async () => {
  const { file, reader, make, shared, memory } = setUp([PICTURES, [message(Video, 120)]]);
  assert.equal(await reader.load(false), "alone");
  reader.goTo({ offset: 1 });
  const other = make();
  other.goTo({ offset: 1 });
  assert.deepEqual(await Promise.all([reader.load(false), other.load(false)]), [
    "together",
    "together",
  ]);
  reader.goTo({ offset: 0 });
  const gate = Promise.withResolvers<void>();
  file.gate = gate.promise;
  shared.clear();
  const loads = [reader.load(false), other.load(false)];
  reader.goTo({ offset: 1 });
  other.close();
  gate.resolve();
  await Promise.all(loads);
  shared.clear();
  assert.equal(reader.block(false), undefined);
  assert.equal(memory.used - memory.spare, 0, "nobody keeps it");
});

test("who is about to begin a block is told when another has it, and who is in one is not", async () => {
  const { reader, make, take, shared } = setUp([PICTURES, [message(Video, 120)]]);
  const told: number[] = [];
  const who = { onBlock: () => void told.push(1) };
  await take({ to: 0 });
  reader.expect(false, who);
  shared.clear();
  await make().load(false);
  assert.equal(told.length, 0);
  await take();
  reader.expect(false, who);
  const other = make();
  other.goTo({ offset: 1 });
  await other.load(false);
  assert.equal(told.length, 1);
});

test("other bytes of the same messages are read anew", async () => {
  const block = [message(Video, 0), message(Audio, 10), message(Video, 40)];
  const { reader, encoders, take } = setUp([block]);
  await take({ to: 5 });
  reader.encodeWith(encoders.get(1, true, false));
  assert.equal(reader.encoder, encoders.get(1, true, false));
  assert.equal(reader.block(false), undefined);
  assert.deepEqual(shown((await take())!.bytes), ["8 10 1"]);
});
