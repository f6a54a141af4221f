/**
 * What players of a recording cost beside as many of a live stream: CPU time of the server per GB that they
 * got, and memory for each; and how long they wait for a picture behind a seek. On the runtime that runs this.
 *
 *     deno run -A bench/recorded.ts [PLAYERS] [SECONDS] [ROUNDS]
 *     bun run bench/recorded.ts [PLAYERS] [SECONDS] [ROUNDS]
 *
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { ClientStream, ServerStatus } from "../src/core/rtmp/session/client/mod.ts";
import { FlvRecording } from "../src/recordings/flv_recording.ts";
import { Mp4Recording } from "../src/recordings/mp4_recording.ts";
import type { RecordingFile, RecordingSink } from "../src/recordings/recording_file.ts";
import { now, sleep } from "./clock.ts";
import { LoadClient } from "./load/client.ts";
import { isKeyFrame } from "./load/media.ts";
import { DEFAULTS } from "./load/options.ts";
import { Player } from "./load/player.ts";
import { costOf, withServer } from "./viewers.ts";

const [players = 500, seconds = 8, rounds = 3] = process.argv.slice(2).map(Number);
const RTMP_PORT = 21_945;
const HTTP_PORT = 28_945;
/** Players that join in a second, and how long is waited behind the last (ms). */
const JOIN_RATE = 250;
const WARM_MS = 3000;
/** How long the files are (s). */
const LENGTH = 180;
/** Seeks in a second, and who seeks. */
const SEEKS = 200;
const SEEKERS = 20;

const target = { ...DEFAULTS, port: RTMP_PORT, app: "live", name: "s" };

// The files

/** A file that grows in memory. */
class Sink implements RecordingSink {
  readonly room = Infinity;
  position = 0;
  #bytes = new Uint8Array(128 * 1024 * 1024);

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.position);
  }

  put(bytes: Uint8Array): void {
    this.overwrite(bytes, this.position);
    this.position += bytes.length;
  }

  reserve(size: number): number {
    this.position += size;
    return this.position - size;
  }

  fill(position: number, bytes: Uint8Array): void {
    this.overwrite(bytes, position);
  }

  release(): void {}

  flush(): void {}

  overwrite(bytes: Uint8Array, position: number): void {
    this.#bytes.set(bytes, position);
  }
}

const hex = (text: string) => Uint8Array.from(text.match(/../g)!, (byte) => parseInt(byte, 16));
const VIDEO_HEADER = hex(
  "17000000000164001fffe1001a6764001facd9405005bb0110000003001000000303c0f183196001000468ef8fcbfd" +
    "f8f800",
);

function picture(size: number, key: boolean): Uint8Array {
  const bytes = new Uint8Array(size).fill(0x5a);
  bytes.set([key ? 0x17 : 0x27, 1, 0, 0, 0]);
  new DataView(bytes.buffer).setUint32(5, size - 9);
  bytes[9] = key ? 0x65 : 0x41;
  return bytes;
}

/** What the load's live streams are like: 2.5 Mbit/s of pictures, a key frame every other second, and sound. */
function fill(file: RecordingFile): void {
  const header = (kind: number, payload: Uint8Array) =>
    file.write({ kind, time: 0, payload, key: false, header: true });
  header(9, VIDEO_HEADER);
  header(8, hex("af001210"));
  const unit = Math.floor(target.kbps * 1000 / 8 * 2 / 65);
  const [key, inter] = [picture(unit * 6, true), picture(unit, false)];
  const sound = new Uint8Array(372).fill(0x5a);
  sound.set([0xaf, 1]);
  for (let number = 0, sounds = 0; number < LENGTH * target.fps; number++) {
    const time = Math.round(number * 1000 / target.fps);
    for (; sounds * 1024 / 44.1 <= time; sounds++) {
      const at = Math.round(sounds * 1024 / 44.1);
      file.write({ kind: 8, time: at, payload: sound, key: false, header: false });
    }
    const isKey = number % target.gop === 0;
    file.write({ kind: 9, time, payload: isKey ? key : inter, key: isKey, header: false });
  }
  file.finish();
}

function make(path: string, begin: (sink: Sink) => RecordingFile): void {
  const sink = new Sink();
  fill(begin(sink));
  writeFileSync(path, sink.bytes);
}

// Who plays

/** Plays from some place on, and counts bytes. */
class RecordedPlayer extends Player {
  readonly #file: string;
  readonly #start: number;

  constructor(file: string) {
    super(target, file);
    this.#file = file;
    this.#start = Math.random() * (LENGTH / 2) * 1000;
  }

  override onCreated(stream: ClientStream): void {
    this.session!.play(stream, this.#file, { start: this.#start });
  }
}

/** Seeks again and again. */
class Seeker extends LoadClient {
  readonly waits: number[] = [];
  readonly #file: string;
  #stream: ClientStream | undefined;
  #soughtAt = 0;
  #isThere = false;

  constructor(file: string) {
    super(target);
    this.#file = file;
  }

  override onCreated(stream: ClientStream): void {
    this.#stream = stream;
    this.session!.play(stream, this.#file, { start: 0 });
  }

  seek(): void {
    if (this.#stream === undefined || this.#soughtAt !== 0) return;
    this.#soughtAt = now();
    this.session!.seek(this.#stream, Math.random() * LENGTH * 1000);
  }

  override onStatus(_?: ClientStream, status?: ServerStatus): void {
    if (status?.code === "NetStream.Seek.Notify") this.#isThere = true;
  }

  override onMedia(_: ClientStream, type: number, _time: number, payload: Uint8Array): void {
    if (type !== 9 || this.#soughtAt === 0 || !this.#isThere || !isKeyFrame(payload)) return;
    this.waits.push(now() - this.#soughtAt);
    this.#soughtAt = 0;
    this.#isThere = false;
  }
}

async function cost(what: string, join: () => Player, pids: readonly number[]): Promise<number> {
  const crowd = { ...{ join, players, seconds }, joinRate: JOIN_RATE, warmMs: WARM_MS };
  const { perGB, delivered, eachKB } = await costOf({ ...crowd, kbps: target.kbps + 128 }, pids);
  const share = (100 * delivered).toFixed(0);
  console.log(
    `  ${what}: ${perGB.toFixed(2)} s/GB, ${share} % delivered, ${eachKB.toFixed(0)} KB each`,
  );
  return perGB;
}

async function seeks(file: string): Promise<void> {
  const seekers = Array.from({ length: SEEKERS }, () => new Seeker(file));
  await sleep(1500);
  const end = now() + seconds * 1000;
  for (let turn = 0; now() < end; turn++) {
    seekers[turn % SEEKERS]!.seek();
    await sleep(1000 / SEEKS);
  }
  await sleep(500);
  const waits = seekers.flatMap((one) => one.waits).sort((one, other) => one - other);
  for (const seeker of seekers) seeker.close();
  const at = (share: number) => waits[Math.floor(share * (waits.length - 1))]?.toFixed(1);
  console.log(
    `  ${file}: ${(waits.length / seconds).toFixed(0)} seeks/s, p50 ${at(0.5)} ms, p99 ${
      at(0.99)
    } ms`,
  );
}

const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
mkdirSync(join(folder, "live"));
make(
  join(folder, "live", "rec-flv.flv"),
  (sink) => new FlvRecording(sink, { hasAudio: true, hasVideo: true, indexEntries: 1000 }),
);
make(join(folder, "live", "rec-mp4.mp4"), (sink) => new Mp4Recording(sink, () => {}));
try {
  const flags = ["--http-port", String(HTTP_PORT), "--record-folder", folder];
  await withServer(target, flags, async (pids) => {
    for (let round = 0; round < rounds; round++) {
      const live = await cost("live", () => new Player(target, "s0"), pids);
      for (const file of ["rec-flv", "rec-mp4"]) {
        const recorded = await cost(file, () => new RecordedPlayer(file), pids);
        console.log(`  ${file} is ${(recorded / live).toFixed(2)}x of live`);
      }
    }
    for (const file of ["rec-flv", "rec-mp4"]) await seeks(file);
  });
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(0);
