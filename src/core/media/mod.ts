/**
 * What the server knows of the media it carries, without decoding any.
 *
 * @module
 */
export { type AacConfig, parseAacConfig } from "./codecs/aac_config.ts";
export { audioFlags } from "./message/audio_flags.ts";
export type { HdrTransfer } from "./fields/colour.ts";
export { audioCodecKey, NO_CODEC, videoCodecKey } from "./message/codec_key.ts";
export { codecString } from "./describe/codec_string.ts";
export { type Av1Config, parseAv1Config } from "./codecs/av1_config.ts";
export { type AvcConfig, parseAvcConfig } from "./codecs/avc_config.ts";
export { describedByFrames, describeMedia, type MediaSamples } from "./describe/describe.ts";
export type {
  AudioDescription,
  MediaDescription,
  VideoDescription,
} from "./describe/description.ts";
export { Tracks } from "./enhanced/packet_header.ts";
export {
  encodeEnhanced,
  type EnhancedMessage,
  type EnhancedTrack,
  MOD_EX_TIMESTAMP_OFFSET_NANO,
  type ModEx,
  parseEnhanced,
  timestampOffsetNano,
} from "./enhanced/message.ts";
export { EnhancedReader } from "./enhanced/reader.ts";
export { oneTrackMessage, simpleMessage, singleTrackMessage } from "./enhanced/one_track.ts";
export { MediaFlag } from "./message/flags.ts";
export {
  AudioPacketType,
  AvcPacketType,
  SoundFormat,
  VideoCodecId,
  VideoFrameType,
  VideoPacketType,
} from "./flv_tag.ts";
export { FourCc, fourCcText } from "./four_cc.ts";
export { type HevcConfig, parseHevcConfig } from "./codecs/hevc_config.ts";
export { DEFAULT_NAL_LENGTH, isRandomAccess, nalLengthOf } from "./message/random_access.ts";
export { videoFlags } from "./message/video_flags.ts";
export { legacyMessage, NO_MESSAGE } from "./enhanced/legacy_message.ts";
export { openVideo } from "./message/packet.ts";
export { parseVpConfig, type VpConfig } from "./codecs/vp_config.ts";
export { parseVvcConfig, type VvcConfig } from "./codecs/vvc_config.ts";
