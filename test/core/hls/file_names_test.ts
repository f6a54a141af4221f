import assert from "node:assert/strict";
import { test } from "node:test";
import { FileNames } from "../../../src/core/hls/mod.ts";

test("names begin with the playlist and its run, and say what they stand for", () => {
  const names = new FileNames("main", "r7", "m4s");
  assert.equal(names.segment(0), "main-r7-s0.m4s");
  assert.equal(names.segment(12), "main-r7-s12.m4s");
  assert.equal(names.part(3), "main-r7-p3.m4s");
  assert.equal(names.map(1), "main-r7-i1.mp4");
  assert.equal(new FileNames("a1", "x", "ts").segment(2), "a1-x-s2.ts");
});
