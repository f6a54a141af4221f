/** What is left of recordings when the server is killed. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { clip } from "../support/clips.ts";
import { until } from "../support/deadline.ts";
import { FFMPEG, framesOf, publish, readFrameMd5 } from "../support/ffmpeg.ts";
import { figure, sized } from "../support/figure.ts";
import { TestProcess } from "../support/process.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** Longest that is recorded before the server is killed (ms). */
const LONGEST_MS = 4_000;

/** A picture lasts so long (ms), and from a key frame to the next there are so many. */
const PICTURE_MS = 40;
const GOP_PICTURES = 25;

/** What ffmpeg shows of a file, as pictures by what they are, and what it complains of. */
async function shown(path: string): Promise<{ pictures: string[]; stderr: string }> {
  const output = ["-map", "0:v:0", "-vsync", "passthrough", "-f", "framemd5", "-"];
  const sound = ["-map", "0:a:0", "-f", "null", "-"];
  await using ffmpeg = new TestProcess(FFMPEG, [
    ...["-v", "error", "-nostdin", "-i", path, ...output, ...sound],
  ]);
  const { stdout, stderr } = await ffmpeg.ended();
  return { pictures: readFrameMd5(stdout).map(({ md5 }) => md5), stderr };
}

/** Files of both formats, and the pictures that they are made of. */
class Recordings implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "sluice-killed-"));
  readonly #all: readonly string[];
  /** Most that was missing of a file at its end, by its format (ms). */
  readonly lost: Record<string, number> = { flv: 0, mp4: 0 };
  /** Files that were found whole. */
  whole = 0;

  constructor(all: readonly string[]) {
    this.#all = all;
  }

  start(): Promise<TestServer> {
    const plugin = join(import.meta.dirname!, "../support/plugins/record_both.ts");
    return startServer(["--record-folder", this.folder, "--plugin", plugin]);
  }

  get files(): string[] {
    return readdirSync(this.folder, { recursive: true }).map(String)
      .filter((name) => statSync(join(this.folder, name)).isFile())
      .map((name) => join(this.folder, name));
  }

  get underWay(): string[] {
    return this.files.filter((path) => path.endsWith(".part"));
  }

  /** Whether these are pictures of the looped clip, one behind the other, from a key frame on. */
  isRun(pictures: readonly string[]): boolean {
    const count = this.#all.length;
    return [0, count / 2].some((first) =>
      pictures.every((md5, index) => md5 === this.#all[(first + index) % count])
    );
  }

  /** Looks at what was left of files, which may be cut anywhere: all but the last pictures are right. */
  async lookAtCut(path: string): Promise<number> {
    const { pictures } = await shown(path);
    // Those that were cut, and what a decoder makes of them.
    const right = pictures.findIndex((_, index) => !this.isRun(pictures.slice(0, index + 1)));
    const count = right < 0 ? pictures.length : right;
    assert.ok(pictures.length - count <= 2, `${path}: ${pictures.length} pictures, ${count} right`);
    return count;
  }

  /** Looks at a file that was mended: nothing is wrong with it. */
  async lookAtWhole(path: string): Promise<number> {
    const { pictures, stderr } = await shown(path);
    assert.equal(stderr, "", path);
    assert.ok(this.isRun(pictures), path);
    this.whole++;
    return pictures.length;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

test("R1: killed at any moment, the server leaves recordings that play up to where they were cut", async () => {
  const path = await clip("av");
  using recordings = new Recordings((await framesOf(path)).map(({ md5 }) => md5));
  const kills = sized(2, 50);
  let left: { readonly path: string; readonly pictures: number; readonly ms: number }[] = [];
  for (let kill = 0; kill <= kills; kill++) {
    await using server = await recordings.start();
    const isMended = () => left.every((file) => !recordings.underWay.includes(file.path));
    await until(() => Promise.resolve(isMended()), "all that was left is mended");
    for (const { path, pictures, ms } of left) {
      const finished = path.replace(/\.([^/]+)\.part$/, "$1");
      // There was no whole message in it.
      if (!recordings.files.includes(finished)) {
        assert.equal(pictures, 0, path);
        continue;
      }
      const whole = await recordings.lookAtWhole(finished);
      const format = finished.slice(-3);
      // Of a fragment that was cut, the pictures may be there, and are given up with its sound.
      const least = pictures - 2 - (format === "mp4" ? GOP_PICTURES : 0);
      assert.ok(whole >= least, `${path}: ${whole} pictures of ${pictures}`);
      const lost = ms - whole * PICTURE_MS;
      recordings.lost[format] = Math.max(recordings.lost[format]!, lost);
      rmSync(finished);
    }
    server.assertHealthy();
    if (kill === kills) break;
    await using _publisher = publish(path, server.url("live", "demo"), {
      realTime: true,
      loop: true,
    });
    const begun = (at: string) =>
      server.logs.filter(({ message, properties }) =>
        message === "recording" && String(properties.file).endsWith(at)
      ).length > 0;
    await until(() => Promise.resolve(begun(".flv") && begun(".mp4")), "it is recorded");
    const since = performance.now();
    // The first time there is something in them.
    const moment = LONGEST_MS * (kill === 0 ? 1 : Math.random());
    await new Promise((resolve) => setTimeout(resolve, moment));
    await server.kill();
    const ms = performance.now() - since;
    left = [];
    for (const path of recordings.underWay) {
      left.push({ path, ms, pictures: await recordings.lookAtCut(path) });
    }
    assert.equal(left.length, 2);
  }
  assert.ok(recordings.whole > 0);
  figure({ id: "R1", what: "files that play whole", value: recordings.whole, unit: "" });
  for (const [format, value] of Object.entries(recordings.lost)) {
    const what = `most that is missing of the end of a file of ${format}`;
    figure({ id: "R1", what, value, unit: "ms", atMost: 2000, by: "wall" });
  }
});
