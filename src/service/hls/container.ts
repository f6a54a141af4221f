/**
 * What segments are: fragmented MP4, or a transport stream.
 *
 * @module
 */
import { FileNames, type PartEncoder } from "../../core/hls/mod.ts";
import { mpegTsProblem, TsSegmentWriter } from "../../core/mpegts/mod.ts";
import { encodePart, initSegment } from "../../core/mp4/mod.ts";
import type { SampleTrack, TrackFormat } from "../../core/samples/mod.ts";
import { type MediaFile, mediaFile, type PartBody } from "./body.ts";

/** Media Initialization Sections that are kept of a playlist. */
const MAX_MAPS = 8;

/** Makes the bytes of the playlists of one stream. */
export interface Container {
  /** Media type, and the extension of names, of segments and parts. */
  readonly type: string;
  readonly extension: string;
  /** EXT-X-VERSION of playlists without delta updates [RFC 8216bis §8]. */
  readonly version: number;
  /** Media Initialization Sections by name. */
  readonly maps: Map<string, MediaFile>;
  /** Whether it holds such a track. */
  accepts(format: TrackFormat): boolean;
  /** Tracks begin, or go on in other formats. @returns the name of what players need first */
  begin(rendition: string, tracks: readonly SampleTrack[]): string | undefined;
  /** Makes the parts of a playlist. */
  encoder(rendition: string): PartEncoder<PartBody>;
}

/** Fragmented MP4, as CMAF has it. */
export class Mp4Container implements Container {
  readonly type = "video/mp4";
  readonly extension = "m4s";
  readonly version = 6;
  readonly maps = new Map<string, MediaFile>();
  readonly #run: string;
  #made = 0;

  /** `run`: see `FileNames`. */
  constructor(run: string) {
    this.#run = run;
  }

  accepts(): boolean {
    return true;
  }

  begin(rendition: string, tracks: readonly SampleTrack[]): string {
    const name = new FileNames(rendition, this.#run, this.extension).map(this.#made++);
    this.maps.set(name, mediaFile(this.type, [initSegment(tracks).bytes]));
    const own = [...this.maps.keys()].filter((one) => one.startsWith(`${rendition}-`));
    for (const old of own.slice(0, -MAX_MAPS)) this.maps.delete(old);
    return name;
  }

  encoder(): PartEncoder<PartBody> {
    let sequence = 0;
    return {
      encode: (tracks) => {
        const parts = tracks.map(({ track: { id }, samples }) => ({ id, samples }));
        return { bytes: encodePart(++sequence, parts) };
      },
    };
  }
}

/** A transport stream: each part begins with its tables. */
export class TsContainer implements Container {
  readonly type = "video/mp2t";
  readonly extension = "ts";
  readonly version = 3;
  readonly maps = new Map<string, MediaFile>();
  readonly #writers = new Map<string, TsSegmentWriter>();

  accepts(format: TrackFormat): boolean {
    return mpegTsProblem(format) === undefined;
  }

  begin(rendition: string, tracks: readonly SampleTrack[]): undefined {
    this.#writers.set(rendition, new TsSegmentWriter(tracks));
  }

  encoder(rendition: string): PartEncoder<PartBody> {
    return {
      encode: (tracks) => {
        const samples = tracks.map(({ track: { id }, samples }) => ({ id, samples }));
        return { bytes: this.#writers.get(rendition)!.segment(samples) };
      },
    };
  }
}
