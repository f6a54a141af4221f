/**
 * Measures the writers of containers on a stream of 2.6 Mbit/s, from messages to files, after it has
 * checked that the media is in them. Run with `deno run -A bench/mux_bench.ts` or
 * `bun run bench/mux_bench.ts`.
 *
 * @module
 */
import assert from "node:assert/strict";
import process from "node:process";
import { encodePart } from "../src/core/mp4/mod.ts";
import { TsSegmentWriter } from "../src/core/mpegts/mod.ts";
import { type Sample, SampleReader, type SampleTrack } from "../src/core/samples/mod.ts";

/** Bits per second of the stream: 30 pictures of 10.4 KB and 43 frames of sound. */
const BITRATE = 2_600_000;

const SECONDS = 60;
const FRAME_RATE = 30;
const SAMPLE_RATE = 44_100;

/** CPU time spent on a measurement at least (s). */
const LEAST_CPU = 3;

/** Sequence headers: H.264 of 320x240 from x264, and AAC LC with two channels. */
const VIDEO_HEADER = Uint8Array.from(
  "17000000000142c00dffe100186742c00dd90141fb011000000300100000030320f142a48001000468cb8cb2"
    .match(/../g)!,
  (pair) => parseInt(pair, 16),
);
const AUDIO_HEADER = Uint8Array.of(0xaf, 0, 0x12, 0x10);

interface Message {
  readonly kind: number;
  readonly timestamp: number;
  readonly payload: Uint8Array;
}

/** A key frame every second that is six times as large as others, each in four slices. */
function stream(): Message[] {
  const messages: Message[] = [];
  const videoBytes = (BITRATE - 128_000) / 8;
  const inter = videoBytes / (FRAME_RATE + 5);
  for (let index = 0; index < SECONDS * FRAME_RATE; index++) {
    const key = index % FRAME_RATE === 0;
    const slice = Math.round((key ? 6 : 1) * inter / 4);
    const payload = new Uint8Array(5 + 4 * slice).fill(0x55);
    payload.set([key ? 0x17 : 0x27, 1, 0, 0, 0]);
    const view = new DataView(payload.buffer);
    for (let at = 5; at < payload.length; at += slice) {
      view.setUint32(at, slice - 4);
      payload[at + 4] = key ? 0x65 : 0x41;
    }
    messages.push({ kind: 9, timestamp: Math.round(index * 1000 / FRAME_RATE), payload });
  }
  for (let index = 0; index * 1024 < SECONDS * SAMPLE_RATE; index++) {
    const payload = new Uint8Array(2 + 372).fill(0x21);
    payload.set([0xaf, 1]);
    messages.push({ kind: 8, timestamp: Math.round(index * 1024_000 / SAMPLE_RATE), payload });
  }
  return messages.sort((one, other) => one.timestamp - other.timestamp);
}

/** The samples since the last cut, by track. */
class Collector {
  tracks = new Map<SampleTrack, Sample[]>();
  readonly cut: (tracks: Map<SampleTrack, Sample[]>) => void;
  readonly #ticks: number;
  #due: number;

  constructor(ms: number, cut: Collector["cut"]) {
    this.cut = cut;
    this.#ticks = this.#due = ms * 90;
  }
  onTrack(track: SampleTrack): void {
    this.tracks.set(track, []);
  }
  onSample(track: SampleTrack, sample: Sample): void {
    if (track.format.kind === "video" && sample.dts >= this.#due) {
      this.#due += this.#ticks;
      this.cut(this.tracks);
      for (const one of this.tracks.keys()) this.tracks.set(one, []);
    }
    this.tracks.get(track)!.push(sample);
  }
}

const messages = stream();
const media = messages.reduce((sum, { payload }) => sum + payload.length, 0);

function read(ms: number, cut: Collector["cut"]): void {
  const reader = new SampleReader(new Collector(ms, cut));
  reader.push(9, 0, VIDEO_HEADER);
  reader.push(8, 0, AUDIO_HEADER);
  for (const { kind, timestamp, payload } of messages) reader.push(kind, timestamp, payload);
}

function fmp4(ms: number): number {
  let [bytes, sequence] = [0, 0];
  read(ms, (tracks) => {
    const parts = [...tracks].map(([{ id }, samples]) => ({ id, samples }));
    bytes += encodePart(++sequence, parts).length;
  });
  return bytes;
}

function transportStream(ms: number): number {
  let bytes = 0;
  let writer: TsSegmentWriter | undefined;
  read(ms, (tracks) => {
    writer ??= new TsSegmentWriter([...tracks.keys()]);
    const parts = [...tracks].map(([{ id }, samples]) => ({ id, samples }));
    bytes += writer.segment(parts).length;
  });
  return bytes;
}

/** Runs it until enough CPU was spent; prints what a gigabyte costs, and a stream of a core. */
function measure(name: string, work: () => number): void {
  const bytes = work();
  assert.ok(bytes > 0.95 * media && bytes < 1.2 * media, `${name}: ${bytes} of ${media}`);
  for (let round = 0; round < 3; round++) work();
  const start = process.cpuUsage();
  let rounds = 0;
  let seconds = 0;
  while (seconds < LEAST_CPU) {
    work();
    rounds++;
    const { user, system } = process.cpuUsage(start);
    seconds = (user + system) / 1e6;
  }
  const perGigabyte = seconds / (rounds * media) * 1e9;
  const core = perGigabyte * BITRATE / 8 / 1e9 * 100;
  const overhead = (bytes / media - 1) * 100;
  console.log(
    `${name.padEnd(34)} ${perGigabyte.toFixed(2)} s/GB  ${core.toFixed(3)} % of a core  ` +
      `${overhead >= 0 ? "+" : ""}${overhead.toFixed(1)} % bytes`,
  );
}

measure("fMP4, parts of 200 ms", () => fmp4(200));
measure("fMP4, a part for each picture", () => fmp4(1));
measure("fMP4, fragments of 1 s", () => fmp4(1000));
measure("MPEG-TS, segments of 2 s", () => transportStream(2000));
