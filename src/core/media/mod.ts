/**
 * What the server knows of the media it carries, without decoding any.
 *
 * @module
 */
export { type AacConfig, parseAacConfig } from "./aac_config.ts";
export { audioFlags } from "./audio_flags.ts";
export type { HdrTransfer } from "./colour.ts";
export { audioCodecKey, NO_CODEC, videoCodecKey } from "./codec_key.ts";
export { codecString } from "./codec_string.ts";
export { type Av1Config, parseAv1Config } from "./av1_config.ts";
export { type AvcConfig, parseAvcConfig } from "./avc_config.ts";
export { describedByFrames, describeMedia, type MediaSamples } from "./describe.ts";
export type { AudioDescription, MediaDescription, VideoDescription } from "./description.ts";
export { Tracks } from "./enhanced.ts";
export {
  encodeEnhanced,
  type EnhancedMessage,
  type EnhancedTrack,
  MOD_EX_TIMESTAMP_OFFSET_NANO,
  type ModEx,
  parseEnhanced,
  timestampOffsetNano,
} from "./enhanced_message.ts";
export { EnhancedReader } from "./enhanced_reader.ts";
export { oneTrackMessage, singleTrackMessage } from "./enhanced_tracks.ts";
export { MediaFlag } from "./flags.ts";
export {
  AudioPacketType,
  AvcPacketType,
  VideoCodecId,
  VideoFrameType,
  VideoPacketType,
} from "./flv_tag.ts";
export { FourCc, fourCcText } from "./four_cc.ts";
export { type HevcConfig, parseHevcConfig } from "./hevc_config.ts";
export { DEFAULT_NAL_LENGTH, isRandomAccess, nalLengthOf } from "./random_access.ts";
export { videoFlags } from "./video_flags.ts";
export { legacyMessage, NO_MESSAGE } from "./legacy_message.ts";
export { openVideo } from "./packet.ts";
export { parseVpConfig, type VpConfig } from "./vp_config.ts";
export { parseVvcConfig, type VvcConfig } from "./vvc_config.ts";
