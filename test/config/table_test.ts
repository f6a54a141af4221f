import { test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { appSettings, groups, settings } from "../../src/config/settings.ts";
import { configTable, replaceTable } from "../../src/config/table.ts";

const START = "<!-- config:start -->";
const END = "<!-- config:end -->";

test("there is a table for each section, with a row for each setting and five cells in each", () => {
  const blocks = configTable().split("\n\n");
  assert.equal(blocks.length, 2 * (groups.length + 1));
  const headings = blocks.filter((_, i) => i % 2 === 0);
  assert.deepEqual(headings.slice(0, 2), ["## General", "## RTMP: `rtmp`"]);
  assert.equal(headings.at(-1), "## Applications: `apps`");
  const rows = blocks.filter((_, i) => i % 2 === 1).flatMap((block) => {
    const [head, line, ...rows] = block.split("\n");
    assert.equal(head, "| Key | Flag | Environment | Default | Meaning (value) |");
    assert.equal(line, "| --- | --- | --- | --- | --- |");
    return rows;
  });
  assert.equal(rows.length, settings.length + appSettings.length);
  for (const row of rows) assert.match(row, /^\| [^|]+( \| [^|]+){4} \|$/);
  assert.equal(
    rows.find((row) => row.startsWith("| `rtmp.chunkSize` |")),
    "| `rtmp.chunkSize` | `--rtmp-chunk-size` | `SLUICE_RTMP_CHUNK_SIZE` | 65536 (64 KiB) " +
      "| Size of the chunks that Sluice sends. (a whole number of bytes from 128 to 65536) |",
  );
});

test("the table goes between the marks, and going there again changes nothing", () => {
  const once = replaceTable(`# A\n${START}\nold\n${END}\ntext\n`);
  assert.equal(once, `# A\n${START}\n${configTable()}\n${END}\ntext\n`);
  assert.equal(replaceTable(once), once);
});

test("dollar signs in the table are only dollar signs", () => {
  assert.equal(replaceTable(`${START}${END}`, "$& $1"), `${START}\n$& $1\n${END}`);
});

test("a document without one pair of marks is left alone", () => {
  for (const text of ["", START, END, END + START, START + START + END, START + END + END]) {
    assert.equal(replaceTable(text), undefined, text);
  }
});

/** Runs the program under the runtime of this test. */
function run(...args: string[]) {
  const tool = fileURLToPath(new URL("../../tools/config_table.ts", import.meta.url));
  const command = "Deno" in globalThis ? ["run", "-A", "--no-lock", tool] : ["run", tool];
  const { status, stderr } = spawnSync(process.execPath, [...command, ...args], {
    encoding: "utf8",
  });
  return { status, stderr };
}

test("the program writes the table, and its check tells a stale one from a fresh one", () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-table-"));
  try {
    const file = join(folder, "README.md");
    const stale = `${START}\nold\n${END}\n`;
    writeFileSync(file, stale);
    const before = run("--check", file);
    assert.equal(before.status, 1);
    assert.match(before.stderr, /settings in .* are stale: run deno run -A tools\/config_table.ts/);
    assert.equal(readFileSync(file, "utf8"), stale);
    assert.equal(run(file).status, 0);
    assert.equal(readFileSync(file, "utf8"), replaceTable(stale));
    assert.equal(run("--check", file).status, 0);
    const missing = run("--check", join(folder, "none.md"));
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /none\.md cannot be read/);
    writeFileSync(file, "no marks");
    const unmarked = run(file);
    assert.equal(unmarked.status, 1);
    assert.match(unmarked.stderr, /needs one line <!-- config:start -->/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
