/**
 * What opening a recording of two hours takes: milliseconds until it can be played, and memory of the process;
 * of FLV with an index, of fragmented MP4 with one, and of MP4 with tables. On the runtime that runs this.
 *
 *     deno run -A bench/recorded_open.ts
 *     bun run bench/recorded_open.ts
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { FlvRecording } from "../src/recordings/flv_recording.ts";
import { RecordingLibrary } from "../src/recordings/library.ts";
import { Mp4Recording } from "../src/recordings/mp4_recording.ts";
import type { RecordingFile } from "../src/recordings/recording_file.ts";
import { MediaFiles } from "../src/storage/media_files.ts";
import { now, sleep } from "./clock.ts";
import { FileSink, VIDEO_HEADER } from "./recorded_files.ts";

/** How long the files are, and those that are opened before (s). */
const LENGTH = 7200;
const SHORT = 20;

/** Two hours as a camera sends them, a key frame every other second, in small frames: none is read. */
function fill(file: RecordingFile, length: number): void {
  const header = (kind: number, payload: Uint8Array) =>
    file.write({ kind, time: 0, payload, key: false, header: true });
  header(9, VIDEO_HEADER);
  header(8, Uint8Array.of(0xaf, 0, 0x12, 0x10));
  const picture = (first: number, unit: number) => {
    const bytes = new Uint8Array(200).fill(0x5a);
    bytes.set([first, 1, 0, 0, 0, 0, 0, 0, 191, unit]);
    return bytes;
  };
  const [key, inter] = [picture(0x17, 0x65), picture(0x27, 0x41)];
  const sound = new Uint8Array(60).fill(0x5a);
  sound.set([0xaf, 1]);
  for (let number = 0, sounds = 0; number < length * 25; number++) {
    const time = number * 40;
    for (; sounds * 1024 / 44.1 <= time; sounds++) {
      const at = Math.round(sounds * 1024 / 44.1);
      file.write({ kind: 8, time: at, payload: sound, key: false, header: false });
    }
    const isKey = number % 50 === 0;
    file.write({ kind: 9, time, payload: isKey ? key : inter, key: isKey, header: false });
  }
  file.finish();
}

function make(folder: string, name: string, length: number): void {
  const flv = new FileSink(join(folder, `${name}-flv.flv`));
  fill(new FlvRecording(flv, { hasAudio: true, hasVideo: true, indexEntries: 5000 }), length);
  flv.close();
  const fragments = new FileSink(join(folder, `${name}-fragments.mp4`));
  fill(new Mp4Recording(fragments, () => {}), length);
  fragments.close();
  const remux = ["-v", "error", "-y", "-i", flv.path, "-c", "copy"];
  spawnSync("ffmpeg", [...remux, join(folder, `${name}-tables.mp4`)], { stdio: "inherit" });
}

/** Opens one file, in a process that has opened a short one of its kind before. */
async function open(folder: string, kind: string): Promise<void> {
  const library = new RecordingLibrary(new MediaFiles(folder), (error) => console.error(error));
  const one = async (name: string) => {
    const opened = await library.open({ app: "live", name: `${name}-${kind}` });
    if (typeof opened === "string") throw new Error(`${name}-${kind}: ${opened}`);
    await opened.file.place(0);
    return opened;
  };
  for (let count = 0; count < 5; count++) (await one("short")).close();
  await sleep(200);
  const resident = process.memoryUsage().rss;
  const since = now();
  const opened = await one("long");
  const took = now() - since;
  const grown = process.memoryUsage().rss - resident;
  const { duration } = opened.file;
  console.log(
    `${kind}: ${(duration / 1000).toFixed(0)} s, open in ${took.toFixed(1)} ms, ${
      (grown / 1e6).toFixed(1)
    } MB`,
  );
  opened.close();
}

const [folder, kind] = process.argv.slice(2);
if (folder !== undefined && kind !== undefined) await open(folder, kind);
else {
  const made = folder ?? mkdtempSync(join(tmpdir(), "sluice-bench-"));
  if (!existsSync(join(made, "live"))) {
    mkdirSync(join(made, "live"), { recursive: true });
    make(join(made, "live"), "short", SHORT);
    make(join(made, "live"), "long", LENGTH);
  }
  const script = join(import.meta.dirname!, "recorded_open.ts");
  const run = "Deno" in globalThis ? ["run", "-A", script] : ["run", script];
  for (const kind of ["flv", "fragments", "tables"]) {
    spawnSync(process.execPath, [...run, made, kind], { stdio: "inherit" });
  }
  if (folder === undefined) rmSync(made, { recursive: true });
}
