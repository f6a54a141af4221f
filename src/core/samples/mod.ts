/**
 * Samples on time lines, made from media messages: what containers are written from.
 *
 * @module
 */
export { MAX_SAMPLE_TRACKS, SampleReader } from "./sample_reader.ts";
export type {
  SampleHandler,
  SampleProblem,
  SampleReaderOptions,
  SampleTrack,
} from "./sample_reader.ts";
export { type Sample, sampleBytes } from "./sample.ts";
export { PacketKind, PacketReader } from "./packet_reader.ts";
export { sameFormat, VIDEO_TIMESCALE } from "./track_format.ts";
export type {
  AudioTrackFormat,
  Colours,
  FormatResult,
  SampleAudioCodec,
  SampleVideoCodec,
  TrackFormat,
  VideoTrackFormat,
} from "./track_format.ts";
