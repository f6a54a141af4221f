/** Shared objects as files: names, replacement, bounds, faults. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { MAX_FILE_BYTES, SharedObjectFiles } from "../../src/storage/shared_object_files.ts";

/** A folder that goes with the test. */
class Folder implements Disposable {
  readonly parent = mkdtempSync(join(tmpdir(), "sluice-objects-"));
  readonly path = join(this.parent, "made", "when needed");

  files(): string[] {
    return existsSync(this.path) ? readdirSync(this.path) : [];
  }

  [Symbol.dispose](): void {
    rmSync(this.parent, { recursive: true, force: true });
  }
}

const BYTES = Uint8Array.of(1, 2, 3);

test("what is saved is loaded, by this and by another process, until it is removed", async () => {
  using folder = new Folder();
  const files = new SharedObjectFiles(folder.path, 10);
  assert.equal(await files.load("live", "a"), undefined);
  assert.deepEqual(folder.files(), [], "nothing is made for reading");
  await files.save("live", "a", BYTES);
  await files.save("live", "b", Uint8Array.of(9));
  await files.save("live", "a", Uint8Array.of(4, 5));
  const others = new SharedObjectFiles(folder.path, 10);
  assert.deepEqual(await others.load("live", "a"), Uint8Array.of(4, 5));
  assert.equal(folder.files().length, 2, "no temporary file is left");
  await files.remove("live", "a");
  await files.remove("live", "a");
  assert.equal(await others.load("live", "a"), undefined);
});

test("whatever an application and an object are called, they are a file of the folder of their own", async () => {
  using folder = new Folder();
  const files = new SharedObjectFiles(folder.path, 100);
  const names: [app: string, name: string][] = [
    ["a/b", "c"],
    ["a", "b/c"],
    ["", "a/b/c"],
    ["..", "../../escape"],
    ["live", "/etc/passwd"],
    ["live", "nul\0byte"],
    ["live", "x".repeat(255)],
    ["live", ""],
    ["live", "Name"],
    ["live", "name"],
    ["live", "\u{1f600}"],
  ];
  for (const [index, [app, name]] of names.entries()) {
    await files.save(app, name, Uint8Array.of(index));
  }
  for (const [index, [app, name]] of names.entries()) {
    assert.deepEqual(await files.load(app, name), Uint8Array.of(index), name);
  }
  assert.equal(folder.files().length, names.length);
  assert.ok(folder.files().every((name) => /^[0-9a-f]{64}\.rso$/.test(name)));
  assert.deepEqual(readdirSync(folder.parent), ["made"]);
});

test("there are at most as many files as may be, those of an earlier run counted", async () => {
  using folder = new Folder();
  await new SharedObjectFiles(folder.path, 2).save("live", "a", BYTES);
  const files = new SharedObjectFiles(folder.path, 2);
  await Promise.allSettled(["b", "c", "d"].map((name) => files.save("live", name, BYTES)));
  assert.equal(folder.files().length, 2);
  await files.save("live", "a", BYTES);
  await assert.rejects(files.save("live", "e", BYTES));
  await files.remove("live", "a");
  await files.save("live", "e", BYTES);
});

test("a folder that cannot be made or written is a rejection, and can be put right", async () => {
  using folder = new Folder();
  const blocked = join(folder.parent, "file");
  writeFileSync(blocked, "");
  const files = new SharedObjectFiles(join(blocked, "below"), 10);
  await assert.rejects(files.save("live", "a", BYTES));
  rmSync(blocked);
  await files.save("live", "a", BYTES);
  assert.deepEqual(await files.load("live", "a"), BYTES);
});

test("a file that is too large to be ours is not read", async () => {
  using folder = new Folder();
  const files = new SharedObjectFiles(folder.path, 10);
  await files.save("live", "a", new Uint8Array(MAX_FILE_BYTES + 1));
  await assert.rejects(files.load("live", "a"));
});

test("other users of the machine cannot read the files", async () => {
  using folder = new Folder();
  await new SharedObjectFiles(folder.path, 10).save("live", "a", BYTES);
  assert.equal(statSync(folder.path).mode & 0o077, 0);
  assert.equal(statSync(join(folder.path, folder.files()[0]!)).mode & 0o077, 0);
});
