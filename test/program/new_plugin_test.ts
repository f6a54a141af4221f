/** `sluice new-plugin`, but for what is written: `test/e2e/new_plugin_test.ts` tries that. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { newPlugin } from "../../src/program/new_plugin.ts";

test("new-plugin overwrites nothing, and says what is wrong", () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-new-plugin-"));
  try {
    const args = ["a-b", "--folder", `${folder}/in/`];
    const { exitCode, text } = newPlugin(args);
    assert.equal(exitCode, 0);
    assert.ok(text.includes(`deno test ${folder}/in/a-b_test.ts`), text);
    assert.deepEqual(readdirSync(join(folder, "in")).sort(), ["a-b.ts", "a-b_test.ts"]);
    rmSync(join(folder, "in/a-b.ts"));
    const again = newPlugin(args);
    assert.equal(again.exitCode, 78);
    assert.match(again.text, /there is .*a-b_test\.ts already/);
    assert.deepEqual(readdirSync(join(folder, "in")), ["a-b_test.ts"]);
    for (const wrong of [[], ["A"], ["../x"], ["a", "b"], ["a", "--dir", "x"]]) {
      const { exitCode, text } = newPlugin(wrong);
      assert.equal(exitCode, 78, wrong.join(" "));
      assert.match(text, /^sluice new-plugin: .*\nSee sluice new-plugin --help\.\n$/);
    }
    assert.match(newPlugin(["--help"]).text, /--folder/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
