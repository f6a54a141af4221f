/** Segments as files: whole or not there, and never outside their folder. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { SegmentFiles } from "../../src/storage/segment_files.ts";
import { openByNode } from "../../src/storage/written_file.ts";

async function temporary(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "sluice-segments-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test("a file is written whole, read again, and removed", async () => {
  await using folder = await temporary();
  const files = new SegmentFiles(join(folder.path, "hls"));
  await files.write("live/demo", "main-a-s1.m4s", [Uint8Array.of(1, 2), Uint8Array.of(3)]);
  const path = join(folder.path, "hls", "live", "demo", "main-a-s1.m4s");
  assert.deepEqual([...await readFile(path)], [1, 2, 3]);
  assert.deepEqual([...(await files.read("live/demo", "main-a-s1.m4s"))!], [1, 2, 3]);
  assert.deepEqual(await readdir(join(path, "..")), ["main-a-s1.m4s"]);
  await files.remove("live/demo", "main-a-s1.m4s");
  await files.remove("live/demo", "main-a-s1.m4s");
  assert.equal(await files.read("live/demo", "main-a-s1.m4s"), undefined);
});

test("a playlist that is written again is at no time half of one", async () => {
  await using folder = await temporary();
  const files = new SegmentFiles(folder.path);
  const text = (count: number) => new TextEncoder().encode(`${count}\n`.repeat(50_000));
  await files.write("a", "main.m3u8", [text(0)]);
  let done = false;
  const reading = (async () => {
    for (let count = 0; !done || count < 5; count++) {
      const lines = new Set(
        new TextDecoder().decode(await files.read("a", "main.m3u8")).split("\n"),
      );
      assert.equal(lines.size, 2, "one version and the end of the last line");
    }
  })();
  for (let count = 1; count < 20; count++) await files.write("a", "main.m3u8", [text(count % 10)]);
  done = true;
  await reading;
});

test("no name leads out of the folder, or to what is hidden", async () => {
  await using folder = await temporary();
  const files = new SegmentFiles(join(folder.path, "in"));
  for (
    const place of ["..", "a/../..", "/etc", "", "a//b", ".x", "a/b/c/d/e/f", "a\\b", "a b", "~a"]
  ) {
    await assert.rejects(files.write(place, "x.ts", []), Error, JSON.stringify(place));
    await assert.rejects(files.read(place, "x.ts"), Error, JSON.stringify(place));
  }
  for (const name of ["../x", "..", ".x", "", "a/b", "a\0", "x".repeat(200)]) {
    await assert.rejects(files.write("a", name, []), Error, JSON.stringify(name));
    await assert.rejects(files.remove("a", name), Error, JSON.stringify(name));
  }
  assert.deepEqual(await readdir(folder.path), []);
});

test("what is left of another time is removed, and nothing else", async () => {
  await using folder = await temporary();
  const files = new SegmentFiles(folder.path);
  for (const name of ["main.m3u8", "notes.txt"]) await files.write("a", name, [Uint8Array.of(1)]);
  await files.clear("a", (name) => name.endsWith(".m3u8"));
  await files.clear("never", () => true);
  assert.deepEqual(await readdir(join(folder.path, "a")), ["notes.txt"]);
});

test("files are written by what the runtime has for it, in as many pieces as it takes", async () => {
  await using folder = await temporary();
  const wrote: number[] = [];
  const files = new SegmentFiles(folder.path, async (path, mode) => {
    const file = await openByNode(path, mode);
    const write = (bytes: Uint8Array, position: number) => {
      wrote.push(position);
      return file.write(bytes.subarray(0, 2), position);
    };
    return { ...file, write };
  });
  await files.write("a", "x.ts", [Uint8Array.of(1, 2, 3), Uint8Array.of(4)]);
  assert.deepEqual(wrote, [0, 2, 3]);
  assert.deepEqual([...(await files.read("a", "x.ts"))!], [1, 2, 3, 4]);
});

test("what a crash left half written is in nobody's way, and a disk that takes nothing is told of", async () => {
  await using folder = await temporary();
  const files = new SegmentFiles(folder.path);
  await files.write("a", "x.ts", []);
  // As the next one will be called until it is whole.
  await writeFile(join(folder.path, "a", ".writing-1-y.ts"), "half");
  await files.write("a", "y.ts", [Uint8Array.of(7)]);
  assert.deepEqual([...(await files.read("a", "y.ts"))!], [7]);
  const full = new SegmentFiles(folder.path, async (path, mode) => {
    const file = await openByNode(path, mode);
    return { ...file, write: () => Promise.resolve(0) };
  });
  await assert.rejects(full.write("a", "z.ts", [Uint8Array.of(1)]), /takes nothing more/);
  assert.deepEqual((await readdir(join(folder.path, "a"))).sort(), ["x.ts", "y.ts"]);
});
