import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { appSettings, settings } from "../../src/config/settings.ts";
import { formatDefault } from "../../src/config/table.ts";
import { tunables } from "../../src/config/tuning.ts";
import { derived } from "../../tools/config_table.ts";
import { ROOT } from "../../tools/root.ts";

test("the interfaces that people read are those of the schema", () => {
  for (const [path, text] of Object.entries(derived)) {
    assert.equal(readFileSync(join(ROOT, path), "utf8"), text(), path);
  }
});

test("every member has its meaning, its bounds and its default", () => {
  const all = Object.values(derived).map((text) => text()).join("\n");
  const words = all.replace(/\n +\* /g, " ").replace(/\s+/g, " ");
  for (const setting of [...settings, ...appSettings, ...tunables]) {
    const { name, text, expected } = setting;
    const told = `${text} (${expected}; default ${formatDefault(setting)}) */ readonly ${name}`;
    assert.ok(words.includes(told), setting.key);
  }
});

test("no line of the interfaces is longer than code may be", () => {
  for (const text of Object.values(derived)) {
    for (const line of text().split("\n")) assert.ok(line.length <= 100, line);
  }
});
