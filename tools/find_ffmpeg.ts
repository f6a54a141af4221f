/**
 * Finds ffmpeg: the one named in SLUICE_TEST_FFMPEG, the one on PATH, else as an npm package.
 *
 * @module
 */
import { chmodSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { run } from "./command.ts";
import type { Found } from "./find_bun.ts";
import { installPackages } from "./packages.ts";
import { VERSIONS } from "./versions.ts";

/** The package with a static binary for Linux on x86-64. */
const PACKAGE = "@ffmpeg-installer/linux-x64";

const CURE = "Install ffmpeg (apt-get install ffmpeg; brew install ffmpeg), or name one in " +
  "SLUICE_TEST_FFMPEG";

async function about(path: string, source: string): Promise<Found | string> {
  const { code, output, failure } = await run(path, ["-version"], { timeoutMs: 60_000 });
  const version = /^ffmpeg version (\S+)/m.exec(output)?.[1];
  if (code !== 0 || version === undefined) return `${path}: ${failure ?? output.trim()}`;
  return { path, about: `ffmpeg ${version} (${source})` };
}

/** @throws {Error} saying how to get it */
export async function findFfmpeg(bun: string): Promise<Found> {
  const named = process.env.SLUICE_TEST_FFMPEG;
  const found = named ? await about(named, "SLUICE_TEST_FFMPEG") : await about("ffmpeg", "on PATH");
  if (typeof found !== "string") return found;
  if (named) throw new Error(`ffmpeg was not found (${found}). ${CURE}`);
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(`ffmpeg was not found (${found}). ${CURE}`);
  }
  let problem: string;
  try {
    const folder = await installPackages(bun, { [PACKAGE]: VERSIONS[PACKAGE] });
    const path = join(folder, "node_modules", PACKAGE, "ffmpeg");
    chmodSync(path, 0o755);
    const fetched = await about(path, `npm package ${PACKAGE}`);
    if (typeof fetched !== "string") return fetched;
    problem = fetched;
  } catch (error) {
    problem = (error as Error).message;
  }
  throw new Error(`ffmpeg was not found (${found}; ${problem}). ${CURE}`);
}
