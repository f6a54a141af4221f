/**
 * Writes what follows from the schema of settings: the tables in docs/settings.md and the interfaces
 * in `src/config`. With `--check` it fails if something is stale; a FILE is taken for docs/settings.md.
 *
 *     deno run -A tools/config_table.ts [--check] [FILE]
 *
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import {
  configInterfaces,
  serverSections,
  streamSections,
  tuningInterface,
} from "../src/config/interfaces.ts";
import { groups } from "../src/config/settings.ts";
import { replaceTable } from "../src/config/table.ts";
import { tunables } from "../src/config/tuning.ts";
import { ROOT } from "./root.ts";

/** The files of code that follow from the schema, and what has to be in them. */
export const derived: Readonly<Record<string, () => string>> = {
  "src/config/config.ts": () => configInterfaces(groups),
  "src/config/server_sections.ts": () => serverSections(groups),
  "src/config/stream_sections.ts": () => streamSections(groups),
  "src/config/tuning_interface.ts": () => tuningInterface(tunables),
};

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

function update(file: string, after: (before: string) => string, check: boolean): void {
  let before = "";
  try {
    before = readFileSync(file, "utf8");
  } catch (error) {
    fail(`${file} cannot be read: ${(error as Error).message}`);
  }
  const text = after(before);
  if (text === before) return;
  if (check) fail(`The settings in ${file} are stale: run deno run -A tools/config_table.ts`);
  writeFileSync(file, text);
}

if (import.meta.main) {
  const args = process.argv.slice(2);
  const check = args.includes("--check");
  const file = args.find((arg) => !arg.startsWith("--"));
  update(file ?? join(ROOT, "docs/settings.md"), (before) =>
    replaceTable(before) ??
      fail(
        `${file} needs one line <!-- config:start --> and after it one line <!-- config:end -->`,
      ), check);
  if (file === undefined) {
    for (const [path, text] of Object.entries(derived)) {
      const file = join(ROOT, path);
      if (!check && !existsSync(file)) writeFileSync(file, text());
      else update(file, text, check);
    }
  }
}
