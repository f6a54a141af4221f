/**
 * Takes the media of an FLV file apart into samples, and puts samples together as files.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { encodePart, initSegment } from "../../src/core/mp4/mod.ts";
import { joined } from "../../src/core/bytes/join.ts";
import {
  type Sample,
  type SampleHandler,
  SampleReader,
  type SampleReaderOptions,
  type SampleTrack,
} from "../../src/core/samples/mod.ts";
import { FlvReader, type FlvTag } from "./flv_reader.ts";

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
