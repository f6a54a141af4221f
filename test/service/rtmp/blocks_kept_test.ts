/** Which blocks of recordings are read, for how many, and which are kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type FrameEncoder, MediaMemory } from "../../../src/hub/mod.ts";
import type { PlayedFile, Stand } from "../../../src/recordings/played_file.ts";
import type { RecordedBlock } from "../../../src/service/rtmp/recorded_block.ts";
import { RecordedBlocks, type WantedBlock } from "../../../src/service/rtmp/recorded_blocks.ts";
import { plainEncoder } from "../../hub/support.ts";

async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
}

/** A file without bytes: each of its blocks has one message of so many, and is there when it is told. */
class FakeFile {
  readonly hasVideo = true;
  readonly reads: Stand[] = [];
  readonly go: (() => void)[] = [];
  isFull = true;
  isWaiting = false;
  readonly #bytes: number;

  constructor(bytes = 1000) {
    this.#bytes = bytes;
  }

  async read(stand: Stand, take: (message: unknown) => void) {
    this.reads.push(stand);
    if (this.isWaiting) await new Promise<void>((resolve) => this.go.push(resolve));
    if (stand.offset < 0) return undefined;
    take({ kind: 9, time: stand.offset, payload: new Uint8Array(this.#bytes), media: 0 });
    return { next: { offset: stand.offset + 1 }, isFull: this.isFull };
  }
}

const asFile = (file: FakeFile) => file as unknown as PlayedFile;
const wanted = (file: FakeFile, offset: number, more: Partial<WantedBlock> = {}): WantedBlock => ({
  ...{ file: asFile(file), stand: { offset }, encoder: plainEncoder, zero: 0, grows: false },
  ...more,
});

function setUp(file = new FakeFile(), memory = new MediaMemory()) {
  const blocks = new RecordedBlocks(memory);
  blocks.enter(asFile(file));
  const read = async (offset: number, more: Partial<WantedBlock> = {}) => {
    const block = await blocks.load(wanted(file, offset, more)).read;
    block?.unpin();
    return block;
  };
  return { file, memory, blocks, read };
}

test("a block is read once for all who want the same, and kept for those who come to it", async () => {
  const { file, blocks, read } = setUp();
  file.isWaiting = true;
  const loads = [1, 2, 3].map(() => blocks.load(wanted(file, 5)));
  assert.ok(loads.every((load) => load === loads[0]));
  assert.equal(loads[0]!.waiting, 3);
  file.go[0]!();
  const block = await loads[0]!.read;
  assert.equal(file.reads.length, 1);
  assert.equal(block!.count, 1);
  assert.equal(blocks.peek(wanted(file, 5)), block);
  assert.equal(blocks.bytes, block!.bytes.length);
  for (let count = 0; count < 3; count++) block!.unpin();
  file.isWaiting = false;
  await read(5);
  assert.equal(file.reads.length, 2, "load reads, whatever is kept");
});

test("what differs in anything is another block", async () => {
  const { file, blocks, read } = setUp();
  const block = await read(5, { stand: { offset: 5, index: 0 } });
  assert.equal(blocks.peek(wanted(file, 5)), block);
  const encoder: FrameEncoder = { ...plainEncoder, key: "other" };
  for (
    const more of [
      { stand: { offset: 6 } },
      { stand: { offset: 5, index: 1 } },
      { encoder },
      { zero: 1 },
      { file: asFile(new FakeFile()) },
    ]
  ) assert.equal(blocks.peek(wanted(file, 5, more)), undefined);
});

test("what may grow is not kept, nor what is of a file that nobody plays", async () => {
  const { file, memory, blocks, read } = setUp();
  file.isFull = false;
  assert.ok(await read(1, { grows: true }));
  assert.equal(blocks.bytes, 0);
  await read(1);
  assert.ok(blocks.bytes > 0);
  file.isFull = true;
  await read(2, { grows: true });
  assert.ok(blocks.peek(wanted(file, 2)));
  blocks.enter(asFile(file));
  blocks.leave(asFile(file));
  assert.ok(blocks.bytes > 0, "one still plays it");
  blocks.leave(asFile(file));
  assert.equal(blocks.bytes, 0);
  blocks.leave(asFile(file));
  await read(3);
  assert.equal(blocks.bytes, 0);
  assert.equal(memory.used - memory.spare, 0);
});

test("of several files only those go of which nobody plays any", async () => {
  const { file, blocks, read } = setUp();
  const other = new FakeFile();
  blocks.enter(asFile(other));
  await read(1);
  await read(1, { file: asFile(other) });
  blocks.leave(asFile(other));
  assert.ok(blocks.peek(wanted(file, 1)));
  assert.equal(blocks.peek(wanted(other, 1)), undefined);
});

test("a block that is not there is none, and one behind it may be", async () => {
  const { file, blocks, read } = setUp();
  assert.equal(await read(-1), undefined);
  assert.equal(blocks.bytes, 0);
  assert.ok(await read(1));
  assert.equal(file.reads.length, 2);
});

test("eight blocks are read at a time, and the others in their turn", async () => {
  const { file, blocks } = setUp();
  file.isWaiting = true;
  const loads = Array.from({ length: 10 }, (_, offset) => blocks.load(wanted(file, offset)));
  await settle();
  assert.equal(file.reads.length, 8);
  file.go[0]!();
  await settle();
  assert.deepEqual(file.reads.at(-1), { offset: 8 });
  file.go[1]!();
  await settle();
  assert.equal(file.reads.length, 10);
  for (const go of file.go) go();
  await settle();
  assert.ok(
    (await Promise.all(loads.map(({ read }) => read))).every((block) => block?.count === 1),
  );
  for (let offset = 20; offset < 29; offset++) blocks.load(wanted(file, offset));
  await settle();
  assert.equal(file.reads.length, 18, "eight again, and no more");
});

test("those that were wanted last are kept, up to a number and a share of the memory", async () => {
  const small = setUp(new FakeFile(1000), new MediaMemory(16 * 1024 * 8));
  // A sixteenth of the memory are 8 blocks of a page of 1024 bytes.
  for (let offset = 0; offset < 8; offset++) await small.read(offset);
  assert.equal(small.blocks.bytes, 8 * 1024);
  assert.ok(small.blocks.peek(wanted(small.file, 0)), "it is the newest one now");
  await small.read(8);
  assert.equal(small.blocks.bytes, 8 * 1024);
  assert.ok(small.blocks.peek(wanted(small.file, 0)));
  assert.equal(small.blocks.peek(wanted(small.file, 1)), undefined);
  assert.ok(small.blocks.peek(wanted(small.file, 2)));
  const many = setUp(new FakeFile(10));
  for (let offset = 0; offset < 1025; offset++) await many.read(offset);
  assert.equal(many.blocks.peek(wanted(many.file, 0)), undefined);
  assert.ok(many.blocks.peek(wanted(many.file, 1)));
  const large = setUp(new FakeFile(1024 * 1024));
  for (let offset = 0; offset < 5; offset++) await large.read(offset);
  assert.equal(large.blocks.bytes, 4 * 1024 * 1024);
});

test("who expects a block is told once it was read for another, until he is left out", async () => {
  const { file, blocks, read } = setUp();
  const told: [string, RecordedBlock][] = [];
  const make = (name: string) => ({
    onBlock: (block: RecordedBlock) => void told.push([name, block]),
  });
  const [one, two, three] = ["one", "two", "three"].map(make);
  blocks.expect(wanted(file, 1), one!);
  blocks.expect(wanted(file, 1), two!);
  blocks.expect(wanted(file, 1), three!);
  blocks.expect(wanted(file, 2), three!);
  blocks.leaveOut(two!);
  blocks.leaveOut(two!);
  const block = await read(1);
  assert.deepEqual(told, [["one", block]]);
  await read(2);
  assert.deepEqual(told.map(([name]) => name), ["one", "three"]);
  file.isFull = false;
  await read(2, { grows: true });
  assert.equal(told.length, 2, "what is not kept is not told of");
  blocks.leaveOut(one!);
  blocks.leaveOut(three!);
  await read(1);
  assert.equal(told.length, 2);
});
