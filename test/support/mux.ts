/**
 * Takes the media of an FLV file apart into samples, and puts samples together as files.
 *
 * @module
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryFile } from "./memory_file.ts";
import {
  encodePart,
  initSegment,
  type Mp4FileOptions,
  Mp4FileWriter,
} from "../../src/core/mp4/mod.ts";
import { joined } from "../../src/core/bytes/join.ts";
import {
  type Sample,
  type SampleHandler,
  SampleReader,
  type SampleReaderOptions,
  type SampleTrack,
} from "../../src/core/samples/mod.ts";
import { FFMPEG } from "./ffmpeg.ts";
import { FlvReader, type FlvTag } from "./flv_reader.ts";
import { TestProcess } from "./process.ts";

/** A track with all its samples. */
export interface Collected {
  readonly track: SampleTrack;
  readonly samples: Sample[];
}

/** What a reader said, in order: tracks with their samples, and all else in words. */
export class SampleCollector implements SampleHandler {
  readonly tracks: Collected[] = [];
  readonly said: string[] = [];

  onTrack(track: SampleTrack): void {
    this.said.push(`track ${track.id} ${track.format.codecString}`);
    this.tracks.push({ track, samples: [] });
  }
  onSample(track: SampleTrack, sample: Sample): void {
    this.tracks.find((one) => one.track === track)!.samples.push(sample);
  }
  onGap(track: SampleTrack, ms: number): void {
    this.said.push(`gap ${track.id} ${ms}`);
  }
  onLeap(track: SampleTrack, ms: number): void {
    this.said.push(`leap ${track.id} ${ms}`);
  }
  onProblem(problem: { kind: string; trackId: number; problem: string }): void {
    this.said.push(`${problem.kind} ${problem.trackId}: ${problem.problem}`);
  }

  /** Samples of the first track of a kind. */
  of(kind: "audio" | "video"): Collected {
    const found = this.tracks.find(({ track }) => track.format.kind === kind);
    if (found === undefined) throw new Error(`No ${kind}: ${this.said.join(", ")}`);
    return found;
  }
}

/** The tags of an FLV file. */
export function flvTags(path: string): FlvTag[] {
  const reader = new FlvReader();
  reader.add(readFileSync(path));
  return reader.tags;
}

/** The samples of media messages. */
export function collect(
  tags: readonly FlvTag[],
  options?: SampleReaderOptions,
): SampleCollector {
  const collector = new SampleCollector();
  const reader = new SampleReader(collector, options);
  for (const { type, timestamp, body } of tags) reader.push(type, timestamp, body);
  reader.flush();
  return collector;
}

/** A fragmented file: tracks, and parts of so many milliseconds. */
export function mp4Of(tracks: readonly Collected[], partMs: number): Uint8Array {
  const parts = [
    initSegment(tracks.map(({ track }) => ({ id: track.id, format: track.format }))).bytes,
  ];
  const left = tracks.map(({ track, samples }) => ({ track, samples: [...samples] }));
  for (let until = partMs; left.some(({ samples }) => samples.length > 0); until += partMs) {
    const part = left.map(({ track, samples }) => {
      const end = until / 1000 * track.format.timescale;
      const count = samples.findIndex(({ dts }) => dts >= end);
      return { id: track.id, samples: samples.splice(0, count < 0 ? samples.length : count) };
    });
    if (part.some(({ samples }) => samples.length > 0)) parts.push(encodePart(parts.length, part));
  }
  return joined(parts);
}

/** One track of a file as ffmpeg decodes it. */
export interface DecodedTrack {
  readonly kind: "video" | "audio";
  /** MD5 of each picture or piece of sound. */
  readonly md5: readonly string[];
  /** When each is shown or heard (ms). */
  readonly times: readonly number[];
  /** Samples of sound in all. */
  readonly samples: number;
}

/** All tracks of a file, decoded by one ffmpeg, which must find no mistake in it unless it is cut. */
export async function decodeFile(
  bytes: Uint8Array,
  extension: string,
  isCut = false,
): Promise<DecodedTrack[]> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-mux-"));
  try {
    const path = join(folder, `file.${extension}`);
    writeFileSync(path, bytes);
    return await decodePath(path, isCut);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const sources = new Map<string, Promise<DecodedTrack[]>>();

/** The same of a clip, which is decoded once. */
export function decodeClip(path: string): Promise<DecodedTrack[]> {
  let decoded = sources.get(path);
  if (decoded === undefined) sources.set(path, decoded = decodePath(path, false));
  return decoded;
}

async function decodePath(path: string, isCut: boolean): Promise<DecodedTrack[]> {
  const output = ["-map", "0", "-vsync", "passthrough", "-copyts", "-f", "framemd5", "-"];
  await using ffmpeg = new TestProcess(FFMPEG, [
    "-v",
    "warning",
    "-nostdin",
    "-i",
    path,
    ...output,
  ]);
  const { code, stdout, stderr } = await ffmpeg.ended(60_000);
  // Old versions know -vsync alone, which new ones warn of.
  const warnings = stderr.replace(/^-vsync is deprecated.*\n/m, "");
  if (!isCut) assert.equal(warnings, "", "ffmpeg decodes without a warning");
  assert.equal(code, 0);
  const units = [...stdout.matchAll(/^#tb (\d+): (\d+)\/(\d+)/gm)].map(([, , one, of]) =>
    1000 * Number(one) / Number(of)
  );
  const kinds = [...stdout.matchAll(/^#media_type \d+: (\w+)/gm)].map(([, kind]) => kind);
  const lines = stdout.split("\n").filter((line) => /^\d+,/.test(line)).map((line) =>
    line.split(",").map((field) => field.trim())
  );
  return kinds.map((kind, index) => {
    const own = lines.filter(([stream]) => Number(stream) === index);
    return {
      kind: kind as "video" | "audio",
      md5: own.map((fields) => fields[5]!),
      times: own.map((fields) => Number(fields[2]) * units[index]!),
      samples: own.reduce((sum, fields) => sum + Number(fields[3]), 0),
    };
  });
}

/** A file while it is written, up to the end. `options` are those of the writer. */
export function growingMp4(
  tracks: readonly Collected[],
  options: Mp4FileOptions = {},
): { readonly writer: Mp4FileWriter; readonly file: MemoryFile } {
  const file = new MemoryFile();
  const writer = new Mp4FileWriter(
    tracks.map(({ track: { id, format } }) => ({ id, format })),
    file,
    options,
  );
  // As a stream brings them: by their times, and pictures one later than sound.
  const all = tracks.flatMap(({ track: { id, format }, samples }) =>
    samples.map((sample) => {
      const late = format.kind === "video" ? sample.duration : 0;
      return { id, sample, at: (sample.dts + late) / format.timescale };
    })
  ).sort((one, other) => one.at - other.at);
  for (const { id, sample } of all) writer.push(id, sample);
  return { writer, file };
}

/** A finished file. */
export function finishedMp4(tracks: readonly Collected[], options?: Mp4FileOptions): Uint8Array {
  const { writer, file } = growingMp4(tracks, options);
  for (const { position, bytes } of writer.finish()) file.overwrite(bytes, position);
  return file.bytes;
}
