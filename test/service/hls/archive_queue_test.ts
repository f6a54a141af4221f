/** The folder of one stream: what is written in which order, and what a disk that fails costs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SegmentStore } from "../../../src/segments/store.ts";
import { Archive } from "../../../src/service/hls/archive.ts";
import { mediaFile } from "../../../src/service/hls/body.ts";

/** A disk that does one thing after the other, each when it is told to. */
class SlowDisk implements SegmentStore {
  readonly done: string[] = [];
  fail = false;
  bytes: Uint8Array | undefined = Uint8Array.of(1, 2, 3);
  #go: (() => void)[] = [];

  async #act(what: string): Promise<void> {
    await new Promise<void>((resolve) => this.#go.push(resolve));
    if (this.fail) throw new Error(`${what} failed`);
    this.done.push(what);
  }

  /** Lets everything happen that is asked for by now and then. */
  async go(): Promise<void> {
    for (let turn = 0; turn < 400; turn++) {
      this.#go.shift()?.();
      for (let count = 0; count < 8; count++) await Promise.resolve();
    }
  }

  write(folder: string, name: string, chunks: readonly Uint8Array[]): Promise<void> {
    return this.#act(`write ${folder}/${name} ${chunks.map((chunk) => chunk.length)}`);
  }

  async read(folder: string, name: string): Promise<Uint8Array | undefined> {
    await this.#act(`read ${folder}/${name}`);
    return this.bytes;
  }

  remove(folder: string, name: string): Promise<void> {
    return this.#act(`remove ${folder}/${name}`);
  }

  clear(folder: string, isOurs: (name: string) => boolean): Promise<void> {
    return this.#act(`clear ${folder} ${isOurs("main-a-s1.m4s")} ${isOurs("notes.txt")}`);
  }
}

function setUp() {
  const disk = new SlowDisk();
  const faults: string[] = [];
  const archive = new Archive(disk, "live/a", (error) => void faults.push(String(error)));
  return { disk, faults, archive };
}

const file = (...lengths: number[]) =>
  mediaFile("video/mp4", lengths.map((length) => new Uint8Array(length)));

test("the folder is cleared of what is ours first, and then all is done in its order", async () => {
  const { disk, faults, archive } = setUp();
  const told: string[] = [];
  archive.write("s1", file(5, 6), () => void told.push(`s1 after ${disk.done.length}`));
  archive.write("list", file(1));
  archive.remove("s0");
  let settled = false;
  archive.settled().then(() => settled = true);
  await Promise.resolve();
  assert.deepEqual([disk.done, told, settled], [[], [], false]);
  await disk.go();
  assert.deepEqual(disk.done, [
    "clear live/a true false",
    "write live/a/s1 5,6",
    "write live/a/list 1",
    "remove live/a/s0",
  ]);
  assert.deepEqual([told, settled, faults], [["s1 after 2"], true, []]);
});

test("what a disk refuses is told, nobody takes it for written, and the next is tried", async () => {
  const { disk, faults, archive } = setUp();
  await disk.go();
  disk.fail = true;
  archive.write("s1", file(1), () => assert.fail("it is not there"));
  await disk.go();
  assert.equal(await readNow(archive, disk, "s1"), undefined);
  assert.equal(faults.length, 2);
  disk.fail = false;
  archive.write("s2", file(1));
  await disk.go();
  assert.deepEqual([disk.done.at(-1), faults.length], ["write live/a/s2 1", 2]);
});

async function readNow(archive: Archive, disk: SlowDisk, name: string) {
  const read = archive.read(name, "video/mp4");
  await disk.go();
  return read;
}

test("64 writes may wait for a slow disk, what comes beyond is left out and told", async () => {
  const { disk, faults, archive } = setUp();
  await disk.go();
  for (let count = 0; count < 64; count++) archive.write(`s${count}`, file(1));
  assert.deepEqual(faults, []);
  archive.write("s64", file(1), () => assert.fail("it is not written"));
  archive.remove("s0");
  assert.equal(faults.length, 2);
  assert.match(faults[0]!, /too slow/);
  await disk.go();
  assert.equal(disk.done.length, 1 + 64);
  archive.write("s65", file(1));
  await disk.go();
  assert.deepEqual([disk.done.at(-1), faults.length], ["write live/a/s65 1", 2]);
});

test("many that read one file at a time read it once, and later ones again", async () => {
  const { disk, archive } = setUp();
  await disk.go();
  const [one, two] = [archive.read("s1", "video/mp4"), archive.read("s1", "video/mp4")];
  assert.equal(one, two);
  await disk.go();
  assert.deepEqual(await one, { type: "video/mp4", chunks: [disk.bytes], size: 3 });
  disk.bytes = undefined;
  assert.equal(await readNow(archive, disk, "s1"), undefined);
  assert.equal(disk.done.filter((what) => what === "read live/a/s1").length, 2);
});
