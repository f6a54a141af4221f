/**
 * Writes the table of settings into docs/settings.md, or with `--check` fails if it is stale.
 *
 *     deno run -A tools/config_table.ts [--check] [FILE]
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { replaceTable } from "../src/config/table.ts";

const args = process.argv.slice(2);
const check = args.includes("--check");
const file = args.find((arg) => !arg.startsWith("--")) ?? "docs/settings.md";

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

let before = "";
try {
  before = readFileSync(file, "utf8");
} catch (error) {
  fail(`${file} cannot be read: ${(error as Error).message}`);
}
const after = replaceTable(before);
if (after === undefined) {
  fail(`${file} needs one line <!-- config:start --> and after it one line <!-- config:end -->`);
}
if (after !== before) {
  if (check) fail(`The settings in ${file} are stale: run deno run -A tools/config_table.ts`);
  writeFileSync(file, after);
}
