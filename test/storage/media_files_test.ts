/** Recordings as files: paths, links, files under way, what is left of a crash. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { MediaEntry } from "../../src/recordings/folder.ts";
import { MediaFiles } from "../../src/storage/media_files.ts";

/** A folder that goes with the test, and one beside it that must not be touched. */
class Folder implements Disposable {
  readonly parent = mkdtempSync(join(tmpdir(), "sluice-media-"));
  readonly path = join(this.parent, "made", "when needed");
  readonly outside = join(this.parent, "outside");
  readonly files = new MediaFiles(this.path);

  constructor() {
    mkdirSync(this.outside);
    writeFileSync(join(this.outside, "secret.flv"), "secret");
  }

  put(path: string, text: string): void {
    const place = join(this.path, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text);
  }

  link(target: string, path: string): void {
    const place = join(this.path, path);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(target, place);
  }

  text(path: string): string | undefined {
    const place = join(this.path, path);
    return existsSync(place) ? readFileSync(place, "utf8") : undefined;
  }

  names(path = "."): string[] {
    return readdirSync(join(this.path, path)).sort();
  }

  async list(folder = "", depth?: number): Promise<string[]> {
    const found: MediaEntry[] = [];
    for await (const entry of this.files.list(folder, depth)) found.push(entry);
    return found.map(({ path, size }) => `${path} ${size}`).sort();
  }

  async read(path: string): Promise<string | undefined> {
    const source = await this.files.open(path);
    if (source === undefined) return undefined;
    const target = new Uint8Array(100);
    const count = await source.read(target, 0);
    await source.close();
    return new TextDecoder().decode(target.subarray(0, count));
  }

  [Symbol.dispose](): void {
    rmSync(this.parent, { recursive: true, force: true });
  }
}

const bytes = (text: string) => new TextEncoder().encode(text);

test("a file under way is hidden, can be read, and is there as a whole once it is finished", async () => {
  using folder = new Folder();
  assert.equal(await folder.files.open("live/a.flv"), undefined);
  assert.deepEqual(await folder.list(), []);
  assert.equal(existsSync(folder.path), false, "nothing is made for reading");
  const target = await folder.files.create("live/a.flv");
  await target.write(bytes("hello"), 0);
  assert.deepEqual(folder.names("live"), [".a.flv.part"]);
  assert.deepEqual(await folder.list(), []);
  assert.equal(await folder.files.open("live/a.flv"), undefined);
  const source = await target.read();
  await target.write(bytes(" you"), 5);
  await target.write(bytes("H"), 0);
  assert.equal(source.size, 5);
  const before = source.version;
  await source.refresh();
  assert.equal(source.size, 9);
  assert.notEqual(source.version, before);
  const ranged = new Uint8Array(4);
  assert.equal(await source.read(ranged, 6), 3);
  assert.equal(await source.read(ranged, 9), 0);
  assert.equal(await target.finish(false), "live/a.flv");
  assert.equal(await source.read(ranged, 0), 4, "who reads it goes on");
  await source.close();
  assert.deepEqual(folder.names("live"), ["a.flv"]);
  assert.equal(await folder.read("live/a.flv"), "Hello you");
  assert.deepEqual(await folder.list(), ["live/a.flv 9"]);
});

test("a finished file is called otherwise where its name is taken, or takes its place", async () => {
  using folder = new Folder();
  for (
    const [text, replace, path] of [
      ["1", false, "a.flv"],
      ["2", false, "a-2.flv"],
      ["3", false, "a-3.flv"],
      ["4", true, "a.flv"],
    ] as const
  ) {
    const target = await folder.files.create("a.flv");
    await target.write(bytes(text), 0);
    const old = await folder.files.open("a.flv");
    assert.equal(await target.finish(replace), path);
    assert.equal(folder.text(path), text);
    if (old !== undefined) {
      const kept = new Uint8Array(1);
      assert.equal(await old.read(kept, 0), 1, "who reads the old one keeps it");
      await old.close();
    }
  }
  assert.deepEqual(folder.names(), ["a-2.flv", "a-3.flv", "a.flv"]);
});

test("a file is gone on with, cut off, discarded and removed", async () => {
  using folder = new Folder();
  folder.put("live/a.flv", "hello");
  const target = (await folder.files.resume("live/a.flv"))!;
  assert.deepEqual(await folder.list(), [], "it is under way again");
  await target.truncate(2);
  await target.write(bytes("y"), 2);
  await target.finish(false);
  assert.equal(folder.text("live/a.flv"), "hey");
  assert.equal(await folder.files.resume("live/b.flv"), undefined);
  const other = await folder.files.create("live/b.flv");
  await other.discard();
  assert.deepEqual(folder.names("live"), ["a.flv"]);
  assert.equal(await folder.files.remove("live/a.flv"), true);
  assert.equal(await folder.files.remove("live/a.flv"), false);
  assert.equal(await folder.files.remove("live"), false, "a folder is no file");
  assert.ok(existsSync(join(folder.path, "live")));
});

test("what a crash left under way is found once, and can be finished", async () => {
  using folder = new Folder();
  folder.put("live/x/.a.flv.part", "half");
  folder.put(".b.mp4.part", "other");
  folder.put(".part", "no name");
  folder.put("c.part", "finished");
  const current = await folder.files.create("live/now.flv");
  const found: string[] = [];
  for await (const target of folder.files.leftovers(() => true)) {
    found.push(target.path);
    const source = await target.read();
    assert.equal(source.size, target.path === "b.mp4" ? 5 : 4);
    await source.close();
    await target.finish(false);
  }
  for await (const target of folder.files.leftovers(() => true)) {
    assert.fail(`${target.path} again`);
  }
  await current.discard();
  assert.deepEqual(found.sort(), ["b.mp4", "live/x/a.flv"]);
  assert.equal(folder.text("live/x/a.flv"), "half");
});

test("a folder that was removed while the server runs is made anew for the next file, and no other is", async () => {
  using folder = new Folder();
  const first = await folder.files.create("live/a.flv");
  await first.write(Uint8Array.of(1), 0);
  rmSync(folder.path, { recursive: true });
  await assert.rejects(first.finish(false));
  for (const path of ["live/a.flv", "b.flv"]) {
    const next = await folder.files.create(path);
    await next.write(Uint8Array.of(2), 0);
    assert.equal(await next.finish(false), path);
  }
  assert.deepEqual([...readFileSync(join(folder.path, "live/a.flv"))], [2]);
  // What is no folder stays what it is.
  rmSync(folder.path, { recursive: true });
  writeFileSync(folder.path, "a file");
  await assert.rejects(folder.files.create("live/a.flv"));
  assert.equal(readFileSync(folder.path, "utf8"), "a file");
});

test("of two files of one name that are under way, and of one that a crash left, each is kept", async () => {
  using folder = new Folder();
  folder.put("live/.a.flv.part", "left");
  const files = [await folder.files.create("live/a.flv"), await folder.files.create("live/a.flv")];
  assert.deepEqual(files.map(({ path }) => path), ["live/a-2.flv", "live/a-3.flv"]);
  for (const [index, file] of files.entries()) {
    await file.write(new TextEncoder().encode(`${index}`), 0);
    assert.equal(await file.finish(false), file.path);
  }
  for await (const file of folder.files.leftovers(() => true)) await file.finish(false);
  assert.deepEqual(await folder.list(), ["live/a-2.flv 1", "live/a-3.flv 1", "live/a.flv 4"]);
});

test("no path, link or special file leads out of the folder", async () => {
  using folder = new Folder();
  folder.put("in.flv", "inside");
  folder.link(join(folder.outside, "secret.flv"), "out.flv");
  folder.link(folder.outside, "dir");
  folder.link("in.flv", "alias.flv");
  folder.link("round.flv", "round.flv");
  execFileSync("mkfifo", [join(folder.path, "pipe.flv")]);
  folder.link("/dev/zero", "zero.flv");
  for (
    const path of [
      "out.flv",
      "dir/secret.flv",
      "pipe.flv",
      "zero.flv",
      "round.flv",
      "dir",
      "in.flv/x",
    ]
  ) {
    assert.equal(await folder.files.open(path), undefined, path);
  }
  assert.equal(await folder.read("alias.flv"), "inside");
  await assert.rejects(folder.files.create("dir/new.flv"), /leaves the folder/);
  assert.equal(await folder.files.remove("dir/secret.flv"), false);
  assert.deepEqual(await folder.list("dir"), []);
  assert.deepEqual(await folder.list(), ["in.flv 6"]);
  for (const path of ["../outside/secret.flv", "/etc/passwd", ".in.flv.part", "a//b", ""]) {
    await assert.rejects(folder.files.open(path), /no path of a media file/, path);
    await assert.rejects(folder.files.create(path), /no path of a media file/, path);
    await assert.rejects(folder.files.remove(path), /no path of a media file/, path);
  }
  assert.equal(readFileSync(join(folder.outside, "secret.flv"), "utf8"), "secret");
  assert.deepEqual(readdirSync(folder.outside), ["secret.flv"]);
  // A finished file takes the place of the link, not of what it leads to.
  const target = await folder.files.create("out.flv");
  await target.finish(true);
  assert.equal(readFileSync(join(folder.outside, "secret.flv"), "utf8"), "secret");
});

test("lists go as deep as they are asked to, and leave out what is hidden", async () => {
  using folder = new Folder();
  for (const path of ["a.flv", "l/b.flv", "l/m/c.flv", ".h/d.flv", "l/.e.flv", "l/%2e.flv"]) {
    folder.put(path, "x");
  }
  assert.deepEqual(await folder.list(), ["a.flv 1", "l/b.flv 1", "l/m/c.flv 1"]);
  assert.deepEqual(await folder.list("", 0), ["a.flv 1"]);
  assert.deepEqual(await folder.list("l", 0), ["l/b.flv 1"]);
  assert.deepEqual(await folder.list("nowhere"), []);
});
