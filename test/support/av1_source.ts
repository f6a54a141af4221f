/**
 * A live source of AV1 and Opus that a real FFmpeg sends: coded once, by the ffmpeg of the machine, and
 * published by the FFmpeg 8 in an npm package of 170 MB, for measurements only.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findBun } from "../../tools/find_bun.ts";
import { installPackages } from "../../tools/packages.ts";
import { VERSIONS } from "../../tools/versions.ts";
import { FFMPEG } from "./ffmpeg.ts";
import { ROOT, TestProcess } from "./process.ts";
import type { TestServer } from "./server.ts";

const library = "node-av";
const binaries = "@seydx/node-av-linux-x64";
const FFMPEG8 = { [library]: VERSIONS[library], [binaries]: VERSIONS[binaries] };

/** How long what is coded is (s), and how often it is sent: an hour in all. */
const SECONDS = 10;
const TIMES = 360;

/** Codes a program of AV1 and Opus, and publishes it for an hour or until it is disposed. */
export async function publishAv1(
  server: TestServer,
  app: string,
  name: string,
): Promise<AsyncDisposable> {
  const bun = (await findBun()).path;
  const packages = await installPackages(bun, FFMPEG8);
  const folder = mkdtempSync(join(tmpdir(), "sluice-av1-"));
  const [round, whole] = [join(folder, "round.mkv"), join(folder, "whole.mkv")];
  try {
    await ran([
      ...["-f", "lavfi", "-i", `testsrc2=size=480x270:rate=25:duration=${SECONDS}`],
      ...["-f", "lavfi", "-i", `sine=frequency=440:sample_rate=48000:duration=${SECONDS}`],
      ...["-c:v", "libsvtav1", "-preset", "10", "-g", "25", "-b:v", "500k"],
      ...["-pix_fmt", "yuv420p", "-c:a", "libopus", "-b:a", "64k", round],
    ]);
    await ran(["-stream_loop", `${TIMES - 1}`, "-i", round, "-c", "copy", whole]);
    const program = join(ROOT, "test/support/av1_program.ts");
    const module = join(packages, "node_modules/node-av/dist/api/index.js");
    const url = server.url(app, name);
    const publisher = new TestProcess(bun, ["run", program, module, whole, url]);
    return {
      async [Symbol.asyncDispose]() {
        await publisher.kill();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function ran(args: readonly string[]): Promise<void> {
  await using program = new TestProcess(FFMPEG, ["-v", "error", "-nostdin", ...args]);
  const { code, stderr } = await program.ended(120_000);
  if (code !== 0) throw new Error(`ffmpeg cannot make AV1 and Opus: ${stderr}`);
}
