/** Files that a runtime opens to be written: a disk that stalls holds up nobody but who waits for it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openByNode } from "../../src/storage/written_file.ts";
import { loadRuntime } from "../../src/transport/runtime.ts";

const runtime = await loadRuntime();
const open = runtime.openFile ?? openByNode;

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-files-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a file is written at any place, cut off, and opened again as it is", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a");
    const file = await open(path, 0o640);
    assert.equal(await file.write(Uint8Array.of(1, 2, 3), 0), 3);
    assert.equal(await file.write(Uint8Array.of(4, 5), 3), 2);
    assert.equal(await file.write(Uint8Array.of(9), 1), 1);
    assert.equal(await file.write(Uint8Array.of(6), 5), 1);
    await file.truncate(5);
    await file.datasync();
    await file.close();
    assert.deepEqual([...readFileSync(path)], [1, 9, 3, 4, 5]);
    const again = await open(path);
    await again.write(Uint8Array.of(7), 0);
    await again.close();
    assert.deepEqual([...readFileSync(path)], [7, 9, 3, 4, 5]);
  }));

test("one that is there already is not made, and one that is missing not opened", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a");
    await assert.rejects(open(path), { code: "ENOENT" });
    await (await open(path, 0o640)).close();
    await assert.rejects(open(path, 0o640), { code: "EEXIST" });
    await assert.rejects(open(join(folder, "b", "c"), 0o640), { code: "ENOENT" });
  }));

test("while a write waits for its disk everything else goes on", () =>
  inFolder(async (folder) => {
    // A pipe that nobody reads takes nothing once it is full, as a disk that stalls.
    const path = join(folder, "pipe");
    execFileSync("mkfifo", [path]);
    const reader = openSync(path, "r+");
    try {
      const bytes = new Uint8Array(64 * 1024);
      const file = await openPipe(path);
      await file.write(bytes);
      let isDone = false;
      const write = file.write(bytes).then(() => isDone = true);
      const other = await open(join(folder, "other"), 0o640);
      for (let turn = 0; turn < 20; turn++) await other.write(bytes, turn * bytes.length);
      await other.close();
      assert.equal(isDone, false);
      readSync(reader, bytes);
      await write;
      await file.close();
    } finally {
      closeSync(reader);
    }
  }));

/** A pipe has no places. */
async function openPipe(path: string) {
  const file = await open(path);
  let position = 0;
  return {
    async write(bytes: Uint8Array) {
      const count = await file.write(bytes, runtime.openFile === undefined ? NaN : position);
      position += count;
      return count;
    },
    close: () => file.close(),
  };
}
