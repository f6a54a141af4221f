/**
 * What a multivariant playlist says of a stream: as it was measured, and as its tracks have it.
 *
 * @module
 */
import {
  type PackagedRendition,
  type Segment,
  TICKS_PER_SECOND,
  type Variant,
} from "../../core/hls/mod.ts";
import type { PartBody } from "./body.ts";
import { playlistFile } from "./playlist_desk.ts";

/** Transfer characteristics of high dynamic range [H.273 §8.2]. */
const PQ = 16;
const HLG = 18;

/** Bits per second of a playlist: the most of a segment, and on average. */
interface Bandwidth {
  readonly peak: number;
  readonly average: number;
}

/** Segments shorter than this say nothing of the most (ticks): a key frame alone is no rate. */
const SHORT = TICKS_PER_SECOND / 2;

function bits({ parts }: Segment<PartBody>): number {
  return 8 * parts.reduce((sum, { body }) => sum + body.bytes.length, 0);
}

function bandwidthOf({ window }: PackagedRendition<PartBody>): Bandwidth {
  const segments = window.open === undefined ? window.kept : [...window.kept, window.open];
  let [all, ticks, peak] = [0, 0, 0];
  for (const segment of segments) {
    // Its bytes are on the disk.
    if (segment.parts.length === 0) continue;
    all += bits(segment);
    ticks += segment.duration;
    if (segment.duration < SHORT) continue;
    peak = Math.max(peak, bits(segment) * TICKS_PER_SECOND / segment.duration);
  }
  const average = ticks === 0 ? 0 : all * TICKS_PER_SECOND / ticks;
  return { peak: Math.max(peak, average), average };
}

/** Describes a stream. `prefix` goes in front of the names of its playlists. */
export function describeVariant(
  renditions: readonly PackagedRendition<PartBody>[],
  frameRate: number | undefined,
  prefix: string,
): Variant {
  const [main, ...audio] = renditions;
  const own = bandwidthOf(main!);
  const sound = audio.map(bandwidthOf);
  const most = (of: (bandwidth: Bandwidth) => number) => Math.max(0, ...sound.map(of));
  const formats = renditions.flatMap(({ tracks }) => tracks.map(({ format }) => format));
  const video = formats.find((format) => format.kind === "video");
  const transfer = video?.colours?.transfer;
  const names = new Map<string, number>();
  return {
    uri: prefix + playlistFile(main!.name),
    codecs: [...new Set(formats.map(({ codecString }) => codecString))],
    width: video?.width,
    height: video?.height,
    frameRate: video === undefined ? undefined : frameRate,
    videoRange: video === undefined
      ? undefined
      : transfer === PQ
      ? "PQ"
      : transfer === HLG
      ? "HLG"
      : "SDR",
    peakBandwidth: own.peak + most(({ peak }) => peak),
    averageBandwidth: own.average + most(({ average }) => average),
    independent: renditions.every(({ window }) => window.kept.every((one) => one.independent)),
    audio: audio.map(({ name, tracks: [track] }, index) => {
      const format = track!.format;
      const said = `Track ${track!.trackId}`;
      const count = names.get(said) ?? 0;
      names.set(said, count + 1);
      return {
        uri: prefix + playlistFile(name),
        name: count === 0 ? said : `${said} (${count})`,
        channels: format.kind === "audio" ? format.channels : undefined,
        isDefault: index === 0,
      };
    }),
  };
}
