/**
 * Short clips to publish, made once by ffmpeg and kept in the temporary folder.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { FFMPEG } from "./ffmpeg.ts";
import { TestProcess } from "./process.ts";

const VIDEO = ["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25"];
const AUDIO = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"];
const AAC = ["-c:a", "aac", "-b:a", "64k", "-ac", "2"];
const x264 = (gop: number, bFrames: number) =>
  `-c:v libx264 -preset veryfast -pix_fmt yuv420p -g ${gop} -keyint_min ${gop} -sc_threshold 0 ` +
  `-bf ${bFrames}`;

/** Arguments of ffmpeg for each clip: 320x240 at 25 frames per second, 44.1 kHz stereo. */
const RECIPES = {
  /** 2 s of H.264 and AAC, a key frame every second. */
  av: [...VIDEO, ...AUDIO, ...AAC, ...x264(25, 0).split(" "), "-t", "2"],
  /** The same with B-frames, so that frames are not sent in the order in which they are shown. */
  bframes: [...VIDEO, ...AUDIO, ...AAC, ...x264(25, 3).split(" "), "-t", "2"],
  /** 20 s with a key frame every 10 s. */
  longGop: [...VIDEO, ...AUDIO, ...AAC, ...x264(250, 0).split(" "), "-t", "20"],
  /** 2 s of AAC alone. */
  audio: [...AUDIO, ...AAC, "-t", "2"],
  /** 2 s of H.264 alone. */
  video: [...VIDEO, ...x264(25, 0).split(" "), "-t", "2"],
  ...colours(),
} satisfies Record<string, string[]>;

/** `colour0` to `colour4`: 2 s of video, each in colours of its own. */
function colours(): Record<`colour${0 | 1 | 2 | 3 | 4}`, string[]> {
  const one = (index: number) => {
    const filter = ["-vf", `hue=h=${index * 60}`];
    return [...VIDEO, ...AUDIO, ...filter, ...AAC, ...x264(25, 0).split(" "), "-t", "2"];
  };
  return { colour0: one(0), colour1: one(1), colour2: one(2), colour3: one(3), colour4: one(4) };
}

/** Name of a clip. */
export type ClipName = keyof typeof RECIPES;

/** Path of a clip, an FLV file. */
export async function clip(name: ClipName): Promise<string> {
  const recipe = RECIPES[name];
  const hash = createHash("sha256").update(`${FFMPEG} ${recipe.join(" ")}`).digest("hex");
  const folder = join(tmpdir(), `sluice-clips-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${name}-${hash.slice(0, 12)}.flv`);
  if (existsSync(path)) return path;
  const work = join(folder, `${name}-${crypto.randomUUID()}.flv`);
  await using ffmpeg = new TestProcess(FFMPEG, ["-v", "error", "-y", ...recipe, work]);
  const { code, stderr } = await ffmpeg.ended(120_000);
  if (code !== 0) rmSync(work, { force: true });
  assert.equal(code, 0, `ffmpeg could not make the clip ${name}: ${stderr}`);
  renameSync(work, path);
  return path;
}
