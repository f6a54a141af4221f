import assert from "node:assert/strict";
import { posix, win32 } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { isMediaPathPart, mediaPathParts } from "../../src/recordings/path.ts";
import { check } from "../support/property.ts";

for (
  const [path, parts] of [
    ["a.flv", ["a.flv"]],
    ["live/demo/20261126T045553Z.flv", ["live", "demo", "20261126T045553Z.flv"]],
    ["Füße und Hände/東京 1.mp4", ["Füße und Hände", "東京 1.mp4"]],
    ["a..b/c", ["a..b", "c"]],
    ["a/b/c/d/e/f/g/h", ["a", "b", "c", "d", "e", "f", "g", "h"]],
  ] as const
) {
  test(`${path} is a path of the folder`, () => assert.deepEqual(mediaPathParts(path), parts));
}

for (
  const [why, ...paths] of [
    ["leaves the folder", "..", "../a", "a/..", "a/../../b", "a/./b", ".", "..\\a", "a\\..\\b"],
    ["is absolute", "/a", "//host/share", "C:\\a", "C:a", "\\\\host\\a"],
    ["has an empty part", "", "a//b", "a/", "/"],
    ["is hidden", ".a", "a/.b.part", "...", ".htaccess"],
    ["hides what it is", "a\0.flv", "a\n", "a\u202eb", "a\u200b", "a\ud800", "\ufffd"],
    ["is an encoding", "%2e%2e/a", "a%2fb", "%00"],
    ["is a device elsewhere", "con", "NUL.flv", "a/com1.mp4", "LPT9", "aux", "CONIN$", "com¹"],
    ["is the same as another name elsewhere", "a.", "a ", "a/b. /c", "e\u0301"],
    ["has what shells and streams read", "a:b", "a*", "a?b", "a|b", "a>b", "a<b", 'a"b'],
    ["is too long", "a".repeat(241), "ü".repeat(121), "a/b/c/d/e/f/g/h/i"],
  ] as const
) {
  test(`what ${why} is no path of the folder`, () => {
    for (const path of paths) assert.equal(mediaPathParts(path), undefined, JSON.stringify(path));
  });
}

test("whatever is accepted stays in the folder, on any system", () => {
  const text = fc.oneof(
    fc.array(fc.nat(0x10ffff), { maxLength: 30 }).map((codes) => String.fromCodePoint(...codes)),
    fc.array(fc.constantFrom("..", ".", "/", "\\", "a", "%2e", ":", "\0", "con", " "), {
      maxLength: 12,
    }).map((parts) => parts.join("")),
  );
  check(
    fc.property(text, (path) => {
      const parts = mediaPathParts(path);
      if (parts === undefined) return;
      assert.equal(posix.relative("/root", posix.join("/root", ...parts)), path);
      assert.equal(
        win32.relative("C:\\root", win32.join("C:\\root", ...parts)),
        parts.join("\\"),
      );
      assert.ok(parts.every(isMediaPathPart));
    }),
    300,
  );
});
