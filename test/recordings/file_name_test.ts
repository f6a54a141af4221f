import assert from "node:assert/strict";
import { test } from "node:test";
import { fileNameMistake, recordingPath } from "../../src/recordings/file_name.ts";

const FILE = {
  app: "live/room",
  name: "demo",
  start: Date.UTC(2026, 10, 26, 4, 55, 53, 123),
  number: 7,
};

for (
  const [template, path] of [
    ["{start}", "live/room/demo/20261126T045553.123Z"],
    ["{app}_{name}_{date}_{time}", "live/room/demo/live-room_demo_2026-11-26_04-55-53"],
    ["part {number}", "live/room/demo/part 00007"],
  ] as const
) {
  test(`${template} names a file in the folder of its stream`, () => {
    assert.equal(fileNameMistake(template), undefined);
    assert.equal(recordingPath(template, FILE), path);
  });
}

test("a stream without an application has a folder too", () => {
  assert.equal(recordingPath("x", { ...FILE, app: "" }), "demo/x");
});

for (
  const [template, mistake] of [
    ["", /name of a file/],
    ["a/b", /without a folder/],
    ["../{start}", /without a folder/],
    [".{start}", /not hidden/],
    ["{start}.", /name of a file/],
    ["{year}", /knows \{app\} .* not \{year\}/],
    ["{constructor}", /not \{constructor\}/],
    ["{start", /in pairs/],
    ["{{start}}", /in pairs/],
    ["a".repeat(129), /128 characters/],
    ["a:b", /name of a file/],
  ] as const
) {
  test(`${template.slice(0, 20) || "nothing"} is no template`, () => {
    assert.match(fileNameMistake(template) ?? "", mistake);
  });
}

test("names that are too long for a file have none", () => {
  const name = "n".repeat(128);
  assert.equal(recordingPath("{name}{name}", { ...FILE, name }), undefined);
  assert.notEqual(recordingPath("{name}", { ...FILE, name }), undefined);
});
