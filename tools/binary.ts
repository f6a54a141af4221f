/**
 * Makes one binary that has Bun and all of Sluice in it, for the machine that it is made on.
 *
 *     deno task binary [FILE]
 *
 * @module
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { entryText } from "./binary/entry.ts";
import { run } from "./command.ts";
import { findBun } from "./find_bun.ts";
import { packagesBeside } from "./packages.ts";
import { ROOT } from "./root.ts";

/** What the binary consists of, relative to the checkout. */
const SOURCES = ["mod.ts", "src", "plugins"];

/**
 * Makes the binary at `file`.
 *
 * @throws {Error} with what a program that it needs says
 */
export async function makeBinary(file: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "sluice-binary-"));
  try {
    const { path: bun } = await findBun();
    // A copy, since packages are looked for beside the files. Bun reads TypeScript by itself.
    for (const name of SOURCES) cpSync(join(ROOT, name), join(work, name), { recursive: true });
    symlinkSync(join(await packagesBeside(bun), "node_modules"), join(work, "node_modules"), "dir");
    mkdirSync(join(work, "bin"));
    const plugins = readdirSync(join(ROOT, "plugins")).filter((name) => name.endsWith(".ts"));
    const text = entryText(plugins.map((name) => name.slice(0, -".ts".length)));
    writeFileSync(join(work, "bin/entry.ts"), text);
    writeFileSync(join(work, "package.json"), '{ "type": "module" }');
    mkdirSync(dirname(resolve(file)), { recursive: true });
    const args = ["build", "--compile", "--minify-syntax", "--minify-whitespace", "bin/entry.ts"];
    const { code, output, failure } = await run(bun, [...args, "--outfile", resolve(file)], {
      cwd: work,
      timeoutMs: 300_000,
    });
    if (code !== 0) throw new Error(`bun build: ${failure ?? output.trim()}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const file = process.argv[2] ?? "dist/sluice";
  try {
    await makeBinary(file);
    console.log(file);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
