import assert from "node:assert/strict";
import { test } from "node:test";
import type { MediaEntry, MediaFolder } from "../../../src/recordings/folder.ts";
import { expired, type RetentionLimits, sweep } from "../../../src/service/record/retention.ts";

const ANY: RetentionLimits = { ageMs: Infinity, bytes: Infinity, count: Infinity };
const file = (path: string, modified: number, size = 10): MediaEntry => ({ path, size, modified });
const FILES = [
  file("a/1", 100),
  file("a/2", 200),
  file("a/3", 300),
  file("b/1", 150),
  file("b/2", 250),
];
const gone = (limits: Partial<RetentionLimits>, now = 300) =>
  expired(FILES, { ...ANY, ...limits }, now).map(({ path }) => path).sort();

test("what is too old goes, to the millisecond", () => {
  assert.deepEqual(gone({}), []);
  assert.deepEqual(gone({ ageMs: 150 }), ["a/1"]);
  assert.deepEqual(gone({ ageMs: 149 }), ["a/1", "b/1"]);
});

test("of each stream the newest stay", () => {
  assert.deepEqual(gone({ count: 2 }), ["a/1"]);
  assert.deepEqual(gone({ count: 1 }), ["a/1", "a/2", "b/1"]);
});

test("of all together the newest stay", () => {
  assert.deepEqual(gone({ bytes: 50 }), []);
  assert.deepEqual(gone({ bytes: 49 }), ["a/1"]);
  assert.deepEqual(gone({ bytes: 20 }), ["a/1", "a/2", "b/1"]);
  assert.deepEqual(gone({ bytes: 9 }).length, 5);
});

test("what goes by one bound does not count for another", () => {
  assert.deepEqual(gone({ count: 1, bytes: 20 }), ["a/1", "a/2", "b/1"]);
});

/** A folder that lists `files` and notes what is removed. */
function folderOf(files: readonly MediaEntry[], removed: string[]): MediaFolder {
  return {
    async *list() {
      yield* files;
    },
    remove: (path: string) => Promise.resolve(path !== "a/2" && removed.push(path) > 0),
  } as Partial<MediaFolder> as MediaFolder;
}

test("a sweep removes recordings, and nothing that an operator put beside them", async () => {
  const removed: string[] = [];
  const folder = folderOf(FILES, removed);
  const done = await sweep(folder, { ...ANY, ageMs: 0 }, 1000, (path) => path.startsWith("a/"));
  assert.deepEqual(removed.sort(), ["a/1", "a/3"]);
  assert.deepEqual(
    done.map(({ path }) => path).sort(),
    ["a/1", "a/3"],
    "what was gone is not told",
  );
});

test("without a bound the folder is not even looked at", async () => {
  const folder = { list: () => assert.fail() } as Partial<MediaFolder> as MediaFolder;
  assert.deepEqual(await sweep(folder, ANY, 0, () => true), []);
});
