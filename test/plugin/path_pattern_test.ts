import assert from "node:assert/strict";
import { test } from "node:test";
import { coversPath, pathsOf } from "../../src/plugin/path_pattern.ts";

test("a pattern is about its own path, or with a star at its end about all that begin so", () => {
  for (
    const [pattern, path, covers] of [
      ["live/a", "live/a", true],
      ["live/a", "live/ab", false],
      ["live/a", "live", false],
      ["live/*", "live/a", true],
      ["live/*", "live/", true],
      ["live/*", "live/a/b", true],
      ["live/*", "live", false],
      ["live/cam-*", "live/cam-1", true],
      ["live/cam-*", "live/dog-1", false],
      ["*", "", true],
      ["*", "live/a", true],
      ["", "", true],
      ["", "live/a", false],
      ["li*e/a", "live/a", false],
    ] as const
  ) assert.equal(coversPath(pattern, path), covers, `${pattern} ${path}`);
});

test("what is asked for has its path, a recording that of its file too", () => {
  assert.deepEqual(pathsOf({ app: "live", name: "a" }), ["live/a"]);
  assert.deepEqual(pathsOf({ app: "live" }), ["live/"]);
  assert.deepEqual(pathsOf({ app: "", name: "a" }), ["/a"]);
  assert.deepEqual(pathsOf({ app: "live", name: "a", file: "live/a/1.x.flv" }), [
    "live/a",
    "live/a/1.x",
  ]);
  assert.deepEqual(pathsOf({ app: "vip", name: "film", file: "vip.d/film" }), [
    "vip/film",
    "vip.d/film",
  ]);
});
