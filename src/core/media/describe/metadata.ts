/**
 * What `onMetaData` says of the media [FLV §E.5], [E-RTMP v2 "Enhancing onMetaData"].
 *
 * @module
 */
import { audioCodecOfMetadata, videoCodecOfMetadata } from "../codecs/codec_names.ts";
import {
  type AudioDescription,
  joinAudio,
  joinVideo,
  type VideoDescription,
} from "./description.ts";
import {
  plausibleChannels,
  plausibleDimension,
  plausibleFrameRate,
  plausibleSampleRate,
} from "../fields/plausible.ts";

/** Members of `onMetaData`. */
type Metadata = ReadonlyMap<string, unknown>;

/** What metadata says of the video; `undefined` when that is nothing. */
export function videoOfMetadata(metadata: Metadata | undefined): VideoDescription | undefined {
  return joinVideo({
    codec: videoCodecOfMetadata(metadata?.get("videocodecid")),
    width: plausibleDimension(metadata?.get("width")),
    height: plausibleDimension(metadata?.get("height")),
    frameRate: plausibleFrameRate(metadata?.get("framerate")),
  });
}

/** What metadata says of the audio; `undefined` when that is nothing. */
export function audioOfMetadata(metadata: Metadata | undefined): AudioDescription | undefined {
  const stereo = metadata?.get("stereo");
  return joinAudio({
    codec: audioCodecOfMetadata(metadata?.get("audiocodecid")),
    sampleRate: plausibleSampleRate(metadata?.get("audiosamplerate")),
    channels: plausibleChannels(metadata?.get("audiochannels")) ??
      (stereo === true ? 2 : stereo === false ? 1 : undefined),
  });
}
