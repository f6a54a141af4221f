/**
 * Writes MPEG transport streams from samples.
 *
 * @module
 */
export { mpegTsProblem } from "./elementary.ts";
export { type TsSamples, TsSegmentWriter, type TsTrack } from "./segment_writer.ts";
