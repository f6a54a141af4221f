/**
 * Writes fragmented MP4 files and CMAF segments from samples.
 *
 * @module
 */
export {
  type FragmentOutput,
  type Mp4FileOptions,
  Mp4FileWriter,
  type Patch,
} from "./file_writer.ts";
export { FragmentIndex, type IndexedTrack, indexRoom } from "./fragment_index.ts";
export { durationBytes, initSegment, MOVIE_TIMESCALE } from "./init_segment.ts";
export type { InitSegment, InitSegmentOptions, Mp4Track } from "./init_segment.ts";
export { encodePart, type PartTrack } from "./part.ts";
export { SampleRun } from "./sample_run.ts";
