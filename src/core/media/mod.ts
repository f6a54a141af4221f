/**
 * What the server knows of the media it carries, without decoding any.
 *
 * @module
 */
export { audioFlags } from "./audio_flags.ts";
export {
  type AudioDescription,
  describeMedia,
  type MediaDescription,
  type MediaSamples,
  type VideoDescription,
} from "./describe.ts";
export { MediaFlag } from "./flags.ts";
export { videoFlags } from "./video_flags.ts";
