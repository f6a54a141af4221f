/**
 * Makes the npm package: `sluice-VERSION.tgz`, with JavaScript and declarations of all doors. Nothing is
 * published.
 *
 *     deno task pack [FOLDER]
 *
 * @module
 */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { run } from "./command.ts";
import { findBun } from "./find_bun.ts";
import { emit } from "./pack/emit.ts";
import { BIN, packageManifest } from "./pack/manifest.ts";
import { ROOT } from "./root.ts";

/** What goes along as it is. */
const DOCUMENTS = ["README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md"];

/**
 * Makes the tarball in `folder`.
 *
 * @returns its path
 * @throws {Error} with what a program that it needs says
 */
export async function pack(folder: string): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), "sluice-pack-"));
  try {
    await emit((await findBun()).path, work);
    mkdirSync(join(work, "bin"));
    copyFileSync(join(ROOT, "tools/pack/sluice.mjs"), join(work, BIN));
    chmodSync(join(work, BIN), 0o755);
    for (const name of DOCUMENTS) copyFileSync(join(ROOT, name), join(work, name));
    const manifest = packageManifest(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));
    writeFileSync(join(work, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    mkdirSync(folder, { recursive: true });
    const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", resolve(folder)];
    const { code, output, failure } = await run("npm", args, { cwd: work, timeoutMs: 120_000 });
    if (code !== 0) throw new Error(`npm pack: ${failure ?? output.trim()}`);
    return join(folder, output.trim().split("\n").at(-1)!);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  try {
    console.log(await pack(process.argv[2] ?? "dist"));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
