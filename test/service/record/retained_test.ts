/** Which files are recordings, by patterns and by what was recorded before. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Retained } from "../../../src/service/record/retained.ts";
import { StreamPatterns } from "../../../src/service/record/stream_patterns.ts";

const retained = (streams: string[] = [], publishers: string[] = []) =>
  new Retained(new StreamPatterns(streams), new StreamPatterns(publishers));
const stream = (name: string, app = "live") => ({ app, name });

test("what was known the last time is older than what is known since", () => {
  const known = retained();
  known.add(stream("new"), false);
  known.add(stream("both"), false);
  known.restore(["live/old/", "live/both/", "live/own"]);
  assert.deepEqual(known.lines, ["live/old/", "live/own", "live/new/", "live/both/"]);
  assert.equal(known.hasChanged, true);
});

test("lines that can be no stream are passed over", () => {
  const known = retained();
  known.restore(["../../etc/", "\0", "live/one/", ""]);
  assert.deepEqual(known.lines, ["live/one/"]);
  assert.equal(known.hasChanged, false);
});

test("a stream that is recorded again is known as the newest, and that is no news", () => {
  const known = retained();
  known.restore(["live/a/", "live/b/"]);
  known.add(stream("a"), false);
  assert.deepEqual(known.lines, ["live/b/", "live/a/"]);
  assert.equal(known.hasChanged, false);
  known.add(stream("c"), true);
  assert.deepEqual(known.lines, ["live/b/", "live/a/", "live/c"]);
  assert.equal(known.hasChanged, true);
});

test("what a pattern names need not be known", () => {
  const known = retained(["live/*"], ["own/*"]);
  known.add(stream("a"), false);
  known.add(stream("a", "own"), true);
  assert.deepEqual(known.lines, []);
  assert.equal(known.hasChanged, false);
  known.add(stream("a"), true);
  known.add(stream("a", "own"), false);
  assert.deepEqual(known.lines, ["live/a", "own/a/"]);
});

test("ten thousand streams are known, of more those that are longest ago are forgotten", () => {
  const known = retained();
  known.restore(Array.from({ length: 10_001 }, (_, index) => `live/${index}/`));
  assert.deepEqual([known.lines.length, known.lines[0]], [10_000, "live/1/"]);
  known.add(stream("more"), false);
  assert.deepEqual([known.lines.length, known.lines[0]], [10_000, "live/2/"]);
});

test("a file is a recording in the folder of a stream that is recorded, or as its publisher's own", () => {
  const known = retained(["live/named", "alone"], ["own/*"]);
  known.restore(["live/folder/", "live/beside"]);
  for (
    const [path, is] of [
      ["live/named/1.flv", true],
      ["live/named/1.mp4", true],
      ["live/named/1.txt", false],
      ["live/named.flv", false],
      ["live/folder/1.flv", true],
      ["live/folder.flv", false],
      ["live/beside.flv", true],
      ["live/beside/1.flv", false],
      ["alone/1.flv", true],
      ["own/any.flv", true],
      ["own/any/1.flv", false],
      ["other.flv", false],
    ] as const
  ) assert.equal(known.has(path), is, path);
});

test("a recording is of the stream whose folder it is in, or of its own name where publishers record", () => {
  const known = retained(["live/*"], ["own/*"]);
  assert.deepEqual(known.streamOf("live/a/1.flv"), stream("a"));
  assert.deepEqual(known.streamOf("own/a.flv"), stream("a", "own"));
  assert.deepEqual(known.streamOf("other/a/1.flv"), stream("a", "other"));
  assert.deepEqual(known.streamOf("a/1.flv"), stream("a", ""));
});
