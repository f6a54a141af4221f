/**
 * What is made from the checkout, such as the package: once for all processes that want it of the same
 * state of the sources.
 *
 * @module
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { cacheFolder, fingerprint } from "./cache.ts";
import { ROOT } from "./root.ts";

/** What the things that are made consist of. */
const SOURCES = [
  "mod.ts",
  "src",
  "plugins",
  "tools",
  "package.json",
  "bun.lock",
  "README.md",
  "deno.lock",
];
/** A process that takes longer has died (ms). */
const LONGEST_MS = 300_000;
/** Others of the same name are removed when nobody can be using them any more (ms). */
const OLD_MS = 3_600_000;
/** How often to look whether another process is done (ms). */
const LOOK_MS = 200;

/**
 * A folder with what `make` puts into one. Whoever comes while another process makes it waits for that.
 *
 * @param name what is made
 * @throws {Error} whatever `make` throws
 */
export async function madeOnce(
  name: string,
  make: (folder: string) => Promise<unknown>,
): Promise<string> {
  const parent = cacheFolder();
  const folder = join(parent, `${name}-${stateOfSources()}`);
  const lock = `${folder}.lock`;
  // Present means complete: it is renamed to its name only then.
  while (!existsSync(folder)) {
    if (!locked(lock)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      continue;
    }
    const work = mkdtempSync(join(parent, "new-"));
    try {
      await make(work);
      removeOld(parent, name);
      renameSync(work, folder);
    } catch (error) {
      rmSync(work, { recursive: true, force: true });
      if (!existsSync(folder)) throw error;
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
  return folder;
}

/** Takes a lock; `false` where another process has it that may be alive. */
function locked(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const age = ageOf(lock);
    if (age !== undefined && age > LONGEST_MS) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function ageOf(path: string): number | undefined {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return undefined; // It is gone.
  }
}

function removeOld(parent: string, name: string): void {
  for (const entry of readdirSync(parent)) {
    if (!entry.startsWith(`${name}-`) || entry.endsWith(".lock")) continue;
    const path = join(parent, entry);
    if ((ageOf(path) ?? 0) > OLD_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** A name for all that is in the sources. */
function stateOfSources(): string {
  // Not where they are: one runtime reaches them through a link, and what is made of them is the same.
  const parts: string[] = [];
  for (const source of SOURCES) {
    const path = join(ROOT, source);
    const files = statSync(path).isFile() ? [path] : filesBelow(path);
    for (const file of files) parts.push(file.slice(ROOT.length), readFileSync(file, "latin1"));
  }
  return fingerprint(...parts);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
