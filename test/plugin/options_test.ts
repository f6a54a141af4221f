import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as v from "valibot";
import { checkOptions, readOptions } from "../../src/plugin/mod.ts";

const schema = v.strictObject({
  secret: v.optional(v.pipe(v.string(), v.minLength(16))),
  seconds: v.optional(v.pipe(v.number(), v.minValue(1)), 60),
  mode: v.optional(v.picklist(["a", "b"])),
  list: v.optional(v.array(v.strictObject({ name: v.string() }))),
});

const read = (text: string | undefined) =>
  readOptions("my-plugin", schema, { SLUICE_PLUGIN_MY_PLUGIN: text });

test("options are JSON in a variable that has the name of the plugin, or in a file it names", () => {
  assert.deepEqual(read(undefined), { seconds: 60 });
  assert.deepEqual(read(' {"seconds": 5} '), { seconds: 5 });
  const folder = mkdtempSync(join(tmpdir(), "sluice-"));
  try {
    const path = join(folder, "options.json");
    writeFileSync(path, '{ "mode": "b" }');
    assert.deepEqual(read(path), { seconds: 60, mode: "b" });
    writeFileSync(path, '{ "mode": "c" }');
    assert.throws(() => read(path), { message: `${path}: mode: expected ("a" | "b")` });
    assert.throws(() => read(folder), {
      message: "SLUICE_PLUGIN_MY_PLUGIN: a JSON object, or the path of a file that has one, but " +
        "cannot be read (EISDIR)",
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a mistake is told by its place, without what was found there", () => {
  const mistakes: readonly [given: string, told: string][] = [
    ['{"secret": "s3cret"}', "secret: expected >=16"],
    ['{"secret": {"s3cret": 1}}', "secret: expected string"],
    ['{"seconds": "s3cret"}', "seconds: expected number"],
    ['{"second": 3}', "second: there is no such option"],
    ['{"list": [{"name": "x"}, {}]}', "list.1.name: is missing"],
    ['{"s3cret"', "this is no JSON"],
    ["/nowhere/o.json", "a JSON object, or the path of a file that has one, but there is not"],
  ];
  for (const [given, told] of mistakes) {
    assert.throws(() => read(given), { message: `SLUICE_PLUGIN_MY_PLUGIN: ${told}` }, given);
  }
});

test("of many mistakes some are told", () => {
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`x${index}`, 1]));
  const strict = v.objectWithRest({}, v.string());
  assert.throws(() => checkOptions(strict, many, "here"), {
    message: `here: ${[0, 1, 2, 3, 4].map((x) => `x${x}: expected string`).join("; ")}; and 4 more`,
  });
});
