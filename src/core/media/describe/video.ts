/**
 * Describes video by one message.
 *
 * @module
 */
import { parseAv1Config } from "../codecs/av1_config.ts";
import { parseAvcConfig } from "../codecs/avc_config.ts";
import { codecString, plainCodecString } from "./codec_string.ts";
import { type ColorInfo, parseColorInfo } from "../enhanced/color_info.ts";
import { joinVideo, type VideoDescription } from "./description.ts";
import { h263FrameSize, screenFrameSize } from "../codecs/flash_video.ts";
import { parseHevcConfig } from "../codecs/hevc_config.ts";
import { openVideo } from "../message/packet.ts";
import { vp8FrameSize, vp9FrameSize } from "../codecs/vp_frame.ts";
import { parseVpConfig } from "../codecs/vp_config.ts";
import { parseVvcConfig } from "../codecs/vvc_config.ts";

/** What a video message says, a sequence header or a frame; `undefined` when that is nothing. */
export function videoOfMessage(payload: Uint8Array | undefined): VideoDescription | undefined {
  const packet = payload && openVideo(payload);
  if (packet === undefined) return undefined;
  const { codec, kind, body } = packet;
  const said = kind === "config"
    ? configOf(codec, body)
    : kind === "frame"
    ? pictureSizeOf(codec, body)
    : undefined;
  const named = said?.codec ?? codec;
  const exact = kind === "config" ? codecString(named, body) : undefined;
  return joinVideo(said, { codec, codecString: exact ?? plainCodecString(named) });
}

/**
 * What HDR metadata says, a message body; `undefined` when that is nothing. FFmpeg sends the metadata of
 * every track without its id: that of another codec is not about this one.
 */
export function videoOfPresentation(
  payload: Uint8Array | undefined,
  codec: string | undefined,
): ColorInfo | undefined {
  const packet = payload && openVideo(payload);
  if (packet === undefined || (codec !== undefined && codec !== packet.codec)) return undefined;
  return parseColorInfo(packet.body);
}

function configOf(codec: string, config: Uint8Array): Partial<VideoDescription> | undefined {
  switch (codec) {
    case "avc":
      return avcOrHevc(config);
    case "hevc":
      return parseHevcConfig(config);
    case "av1":
      return parseAv1Config(config);
    case "vvc": {
      const { codecs: _, ...known } = parseVvcConfig(config) ?? {};
      return known;
    }
    case "vp8":
    case "vp9":
      return parseVpConfig(config);
    default:
      return undefined;
  }
}

/**
 * Some encoders sent HEVC under the codec id of AVC, for servers that knew no other. As AVC such a
 * record is damaged, or one without a parameter set.
 */
function avcOrHevc(config: Uint8Array): Partial<VideoDescription> | undefined {
  const avc = parseAvcConfig(config);
  if (avc?.width !== undefined) return avc;
  const hevc = parseHevcConfig(config);
  return hevc?.width === undefined ? avc : { ...hevc, codec: "hevc" };
}

function pictureSizeOf(codec: string, frame: Uint8Array): Partial<VideoDescription> | undefined {
  switch (codec) {
    case "h263":
      return h263FrameSize(frame);
    case "screen":
      return screenFrameSize(frame);
    case "vp8":
      return vp8FrameSize(frame);
    case "vp9":
      return vp9FrameSize(frame);
    default:
      return undefined;
  }
}
