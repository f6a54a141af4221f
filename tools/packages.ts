/**
 * npm packages for the tools, installed outside the checkout.
 *
 * @module
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { cacheFolder, fingerprint } from "./cache.ts";
import { run } from "./command.ts";
import { ROOT } from "./root.ts";

/** Name of the link to the checkout inside a {@link packagesBeside} folder. */
export const TREE = "tree";

/** Packages by name, with the version of each. */
export type Packages = Readonly<Record<string, string>>;

/**
 * A folder with `node_modules` of exactly these packages.
 *
 * @throws {Error} when they cannot be installed
 */
export function installPackages(bun: string, packages: Packages): Promise<string> {
  const manifest = JSON.stringify({ private: true, dependencies: packages }, null, 2);
  return install(bun, { "package.json": manifest }, ["install"]);
}

/**
 * A folder with a link {@link TREE} to the checkout and, beside it, `node_modules` of the packages
 * that `bun.lock` names and of `more`: what resolves modules through the link finds them there, and
 * the checkout stays as it is.
 *
 * @throws {Error} when they cannot be installed, or `bun.lock` does not agree with `package.json`
 */
export async function packagesBeside(bun: string, more: Packages = {}): Promise<string> {
  const manifest = readFileSync(join(ROOT, "package.json"), "utf8");
  if (Object.keys(more).length === 0) {
    const lock = readFileSync(join(ROOT, "bun.lock"), "utf8");
    const files = { "package.json": manifest, "bun.lock": lock };
    return await install(bun, files, ["install", "--frozen-lockfile"], ROOT);
  }
  const { dependencies, devDependencies } = JSON.parse(manifest);
  const packages = { ...dependencies, ...devDependencies, ...more };
  const text = JSON.stringify({ private: true, dependencies: packages }, null, 2);
  return await install(bun, { "package.json": text }, ["install"], ROOT);
}

async function install(
  bun: string,
  files: Readonly<Record<string, string>>,
  args: readonly string[],
  link?: string,
): Promise<string> {
  const parent = cacheFolder();
  const name = `packages-${fingerprint(...Object.entries(files).flat(), ...args, link ?? "")}`;
  const folder = join(parent, name);
  // Present means complete: it is renamed to its name only then.
  if (existsSync(folder)) return folder;
  const work = mkdtempSync(join(parent, "new-"));
  try {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(work, file), text);
    const { code, output, failure } = await run(bun, [
      ...args,
      "--linker=hoisted",
      "--ignore-scripts",
    ], {
      cwd: work,
      timeoutMs: 300_000,
    });
    if (code !== 0) throw new Error(`bun ${args.join(" ")}: ${failure ?? output.trim()}`);
    mkdirSync(join(work, "node_modules"), { recursive: true });
    if (link !== undefined) symlinkSync(link, join(work, TREE), "dir");
    renameSync(work, folder);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    if (!existsSync(folder)) throw error; // Another run may have been first.
  }
  return folder;
}
