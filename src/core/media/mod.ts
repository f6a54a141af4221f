/**
 * What the server knows of the media it carries, without decoding any.
 *
 * @module
 */
export { type AacConfig, parseAacConfig } from "./aac_config.ts";
export { audioFlags } from "./audio_flags.ts";
export { type Av1Config, parseAv1Config } from "./av1_config.ts";
export { type AvcConfig, parseAvcConfig } from "./avc_config.ts";
export { describeMedia, type MediaSamples } from "./describe.ts";
export type { AudioDescription, MediaDescription, VideoDescription } from "./description.ts";
export { MediaFlag } from "./flags.ts";
export { type HevcConfig, parseHevcConfig } from "./hevc_config.ts";
export { videoFlags } from "./video_flags.ts";
export { parseVpConfig, type VpConfig } from "./vp_config.ts";
