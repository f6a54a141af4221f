import assert from "node:assert/strict";
import { test } from "node:test";
import { CHUNK_BYTES, DiskQueue, SMALL_CHUNK_BYTES } from "../../src/recordings/disk_queue.ts";
import { DiskWriter } from "../../src/recordings/disk_writer.ts";
import type { MediaTarget } from "../../src/recordings/folder.ts";

/** A disk whose writes are done when the test says so. */
class Disk implements MediaTarget {
  readonly path = "a.flv";
  bytes = new Uint8Array(0);
  readonly pending: { done: () => void; fail: (error: Error) => void; size: number }[] = [];

  write(bytes: Uint8Array, position: number): Promise<void> {
    assert.equal(this.pending.length, 0, "one write at a time");
    return new Promise((resolve, reject) => {
      const done = () => {
        this.pending.length = 0;
        const all = new Uint8Array(Math.max(this.bytes.length, position + bytes.length));
        all.set(this.bytes);
        all.set(bytes, position);
        this.bytes = all;
        resolve();
      };
      this.pending.push({ done, fail: reject, size: bytes.length });
    });
  }

  /** Lets `count` writes be done, or all. */
  async run(count = Infinity): Promise<void> {
    for (; count > 0 && this.pending.length > 0; count--) {
      this.pending[0]!.done();
      await turn();
    }
  }

  truncate = () => assert.fail();
  read = () => assert.fail();
  finish = () => assert.fail();
  discard = () => assert.fail();
  leave = () => assert.fail();
}

const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

function setUp({ most = 1e6, total = 1e6, position = 0 } = {}) {
  const disk = new Disk();
  const faults: unknown[] = [];
  const budget = new DiskQueue(total);
  const opened = Promise.withResolvers<MediaTarget>();
  const onFault = (error: unknown) => faults.push(error);
  const writer = new DiskWriter(opened.promise, position, { most, budget, onFault });
  const open = async () => (opened.resolve(disk), await turn());
  return { disk, faults, budget, writer, open, refuse: opened.reject };
}

/** Appends `size` bytes of one value. @returns whether there was room */
function put(writer: DiskWriter, size: number, value: number): boolean {
  if (size > writer.room) return false;
  writer.put(new Uint8Array(size).fill(value));
  return true;
}

/** Lengths and values of the runs in `bytes`. */
function runs(bytes: Uint8Array): [number, number][] {
  const found: [number, number][] = [];
  for (const byte of bytes) {
    const last = found.at(-1);
    if (last?.[1] === byte) last[0]++;
    else found.push([1, byte]);
  }
  return found;
}

test("what is appended is written in large pieces, in order, once the file is open", async () => {
  const { disk, writer, budget, open } = setUp();
  for (let value = 1; value <= 5; value++) assert.ok(put(writer, 60_000, value));
  assert.ok(put(writer, 10, 7));
  assert.equal(writer.position, 300_010);
  assert.equal(budget.bytes, writer.position);
  await open();
  const sizes: number[] = [];
  while (disk.pending.length > 0) {
    sizes.push(disk.pending[0]!.size);
    await disk.run(1);
  }
  assert.deepEqual(
    sizes,
    [SMALL_CHUNK_BYTES, CHUNK_BYTES, CHUNK_BYTES],
    "small until one was full",
  );
  const left = 300_010 - SMALL_CHUNK_BYTES - 2 * CHUNK_BYTES;
  assert.equal(writer.queued, left, "what does not fill a chunk waits for more");
  assert.equal(writer.handed, writer.position - left);
  const idle = writer.idle();
  await disk.run();
  await idle;
  const whole = [1, 2, 3, 4, 5].map((value) => [60_000, value]);
  assert.deepEqual(runs(disk.bytes), whole.concat([[10, 7]]));
  assert.deepEqual([writer.queued, budget.bytes], [0, 0]);
});

test("what is reserved is filled later, across chunks too, and holds back what follows", async () => {
  const { disk, writer, open } = setUp();
  await open();
  put(writer, SMALL_CHUNK_BYTES - 3, 1);
  const first = writer.reserve(10);
  put(writer, 2 * CHUNK_BYTES, 2);
  assert.equal(first, SMALL_CHUNK_BYTES - 3);
  await disk.run();
  assert.equal(disk.bytes.length, first, "what was before it");
  writer.flush();
  await disk.run();
  assert.equal(disk.bytes.length, first);
  writer.fill(first, new Uint8Array(8).fill(3));
  const second = writer.position;
  assert.equal(writer.reserve(4), second);
  put(writer, 5, 4);
  writer.release(second);
  await disk.run();
  assert.equal(disk.bytes.length, second, "flushed, as was asked for before");
  writer.fill(second + 1, Uint8Array.of(5, 5));
  writer.release(writer.position);
  const idle = writer.idle();
  await disk.run();
  await idle;
  assert.deepEqual(runs(disk.bytes), [
    [SMALL_CHUNK_BYTES - 3, 1],
    ...[[8, 3], [2, 0], [2 * CHUNK_BYTES, 2]] as [number, number][],
    ...[[1, 0], [2, 5], [1, 0], [5, 4]] as [number, number][],
  ]);
});

test("what was reserved and never released is written at the end all the same", async () => {
  const { disk, writer, budget, open } = setUp();
  await open();
  put(writer, 10, 1);
  writer.reserve(5);
  put(writer, CHUNK_BYTES, 2);
  const idle = writer.idle();
  await disk.run();
  await idle;
  assert.deepEqual([disk.bytes.length, budget.bytes], [CHUNK_BYTES + 15, 0]);
});

test("memory is counted, used again, and given back when nobody needed it for a while", async () => {
  let counted = 0;
  const memory = { tight: false, count: (bytes: number) => void (counted += bytes) };
  const budget = new DiskQueue(1e9, { memory });
  const disk = new Disk();
  const onFault = () => assert.fail();
  const writer = new DiskWriter(Promise.resolve(disk), 0, { most: 1e9, budget, onFault });
  await turn();
  for (let round = 0; round < 20; round++) {
    put(writer, CHUNK_BYTES, round);
    await disk.run();
  }
  assert.ok(counted <= 3 * CHUNK_BYTES, `${counted}`);
  const idle = writer.idle();
  await disk.run();
  await idle;
  assert.ok(counted > 0, "kept for others");
  for (let second = 0; second < 10; second++) budget.tick();
  assert.equal(counted, 0);

  memory.tight = true;
  put(writer, 1, 1);
  assert.equal(counted, SMALL_CHUNK_BYTES);
  writer.flush();
  await disk.run();
  await writer.idle();
  assert.equal(counted, 0);
});

test("writes begin together, some time after others did, and at once when the server is about to end", async () => {
  const timers: (() => void)[] = [];
  const queue = new DiskQueue(1e6, { after: (_, call) => void timers.push(call) });
  const begun: number[] = [];
  const run = (number: number) => queue.run(() => Promise.resolve(void begun.push(number)));
  run(1);
  assert.deepEqual(begun, [1]);
  for (const number of [2, 3]) run(number);
  await turn();
  assert.deepEqual(begun, [1]);
  timers.shift()!();
  assert.deepEqual(begun, [1, 2, 3]);
  timers.shift()!();
  run(4);
  assert.deepEqual(begun, [1, 2, 3, 4], "nothing was begun lately");
  await turn();
  run(5);
  queue.hurry();
  assert.deepEqual(begun, [1, 2, 3, 4, 5]);
  run(6);
  assert.deepEqual(begun, [1, 2, 3, 4, 5, 6]);
  for (const late of timers) late();
});

test("a write that is never done gives up its place, and its file fails after a minute", async () => {
  const queue = new DiskQueue(1e9);
  const faults: unknown[] = [];
  const stuck = Array.from({ length: 4 }, () => {
    const options = { most: 1e6, budget: queue, onFault: (error: unknown) => faults.push(error) };
    const disk = new Disk();
    return { disk, writer: new DiskWriter(Promise.resolve<MediaTarget>(disk), 0, options) };
  });
  await turn();
  for (const { writer } of stuck) {
    put(writer, 10, 1);
    writer.flush();
  }
  let went = false;
  queue.run(() => Promise.resolve(void (went = true)));
  for (let second = 0; second < 4; second++) queue.tick();
  assert.equal(went, false);
  queue.tick();
  assert.equal(went, true, "after five seconds");
  const [one] = stuck;
  const idle = one!.writer.idle();
  for (let second = 5; second < 59; second++) queue.tick();
  assert.equal(faults.length, 0);
  queue.tick();
  assert.equal(faults.length, 4);
  assert.deepEqual([one!.writer.failed, one!.writer.room, queue.bytes], [true, 0, 0]);
  // Nothing touches the file while that write may still be done.
  let isIdle = false;
  idle.then(() => isIdle = true);
  await turn();
  assert.equal(isIdle, false);
  await one!.disk.run();
  await idle;
});

test("chunks are filled again, never while a part of them waits to be written", async () => {
  const { disk, writer, open } = setUp();
  await open();
  const expected: [number, number][] = [];
  for (let value = 1; value <= 60; value++) {
    assert.ok(put(writer, 20_001, value));
    expected.push([20_001, value]);
    if (value % 2 === 0) writer.flush();
    if (value % 3 === 0) await disk.run(1);
  }
  const idle = writer.idle();
  await disk.run();
  await idle;
  assert.deepEqual(runs(disk.bytes), expected);
});

test("over the bound of the file, or of all files, nothing is taken, until some is written", async () => {
  const alone = setUp({ most: 100 });
  assert.ok(put(alone.writer, 100, 1));
  assert.equal(put(alone.writer, 1, 2), false);
  await alone.open();
  alone.writer.flush();
  await alone.disk.run();
  assert.ok(put(alone.writer, 1, 3));
  assert.equal(alone.writer.position, 101, "what was not taken is not counted");

  const { writer, budget } = setUp({ total: 100 });
  budget.bytes = 50;
  assert.equal(put(writer, 51, 1), false);
  assert.ok(put(writer, 50, 1));
});

test("what is written over comes behind what was appended, in a file that is gone on with too", async () => {
  const { disk, writer, open } = setUp({ position: 4 });
  disk.bytes = Uint8Array.of(9, 9, 9, 9);
  put(writer, 2, 1);
  writer.overwrite(Uint8Array.of(5, 6), 3);
  await open();
  const idle = writer.idle();
  await disk.run();
  await idle;
  assert.deepEqual([...disk.bytes], [9, 9, 9, 5, 6, 1]);
});

test("a disk that fails is told of once, and gives back what waited", async () => {
  const { disk, faults, writer, budget, open } = setUp();
  await open();
  put(writer, CHUNK_BYTES, 1);
  put(writer, CHUNK_BYTES, 2);
  const idle = writer.idle();
  const error = new Error("No space left on device");
  disk.pending[0]!.fail(error);
  await idle;
  assert.deepEqual(faults, [error]);
  assert.deepEqual([writer.failed, writer.queued, budget.bytes], [true, 0, 0]);
  assert.equal(put(writer, 1, 1), false);
  writer.overwrite(Uint8Array.of(1), 0);
  await writer.idle();
  assert.equal(budget.bytes, 0);
});

test("a file that cannot be opened is a disk that fails", async () => {
  const { faults, writer, refuse } = setUp();
  put(writer, 10, 1);
  const idle = writer.idle();
  refuse(new Error("permission denied"));
  await idle;
  assert.equal(faults.length, 1);
  assert.equal(writer.queued, 0);
});
