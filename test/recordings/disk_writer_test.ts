import assert from "node:assert/strict";
import { test } from "node:test";
import { CHUNK_BYTES, DiskQueue } from "../../src/recordings/disk_queue.ts";
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
  return writer.append(size)?.fill(value) !== undefined;
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
  for (let value = 1; value <= 5; value++) assert.ok(put(writer, 30_000, value));
  assert.ok(put(writer, CHUNK_BYTES + 1, 6), "what is larger than a chunk has one of its own");
  assert.ok(put(writer, 10, 7));
  assert.equal(writer.position, 150_000 + CHUNK_BYTES + 11);
  assert.equal(budget.bytes, writer.position);
  await open();
  assert.equal(disk.pending[0]!.size, 120_000);
  await disk.run();
  assert.equal(writer.queued, 10, "what does not fill a chunk waits for more");
  const idle = writer.idle();
  await disk.run();
  await idle;
  assert.deepEqual(
    runs(disk.bytes),
    [1, 2, 3, 4, 5].map((value) => [30_000, value]).concat([
      [CHUNK_BYTES + 1, 6],
      [10, 7],
    ]),
  );
  assert.deepEqual([writer.queued, budget.bytes], [0, 0]);
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
