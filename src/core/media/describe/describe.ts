/**
 * Names the codecs of a stream and says what their configurations tell.
 *
 * @module
 */
import { audioOfMessage, audioOfPresentation } from "./audio.ts";
import { videoOfMessage, videoOfPresentation } from "./video.ts";
import { joinAudio, joinVideo, type MediaDescription } from "./description.ts";
import { audioOfMetadata, videoOfMetadata } from "./metadata.ts";
import { openAudio, openVideo } from "../message/packet.ts";

/** What {@linkcode describeMedia} looks at: bodies of RTMP messages, tag headers included. */
export interface MediaSamples {
  /** The latest video sequence header. */
  readonly videoHeader?: Uint8Array;
  /** The latest audio sequence header. */
  readonly audioHeader?: Uint8Array;
  /** The latest HDR metadata. */
  readonly videoPresentation?: Uint8Array;
  /** The latest channel configuration of audio. */
  readonly audioPresentation?: Uint8Array;
  /** A recent video message, for codecs without a header; best a key frame. */
  readonly lastVideo?: Uint8Array;
  /** A recent audio message, for codecs without a header. */
  readonly lastAudio?: Uint8Array;
  /** Members of `onMetaData`. Values that cannot be are passed over. */
  readonly metadata?: ReadonlyMap<string, unknown>;
}

/**
 * Describes a stream. What a header says wins over what a frame says, and that over metadata, which
 * is often a guess.
 */
export function describeMedia(samples: MediaSamples): MediaDescription {
  const videoHeader = videoOfMessage(samples.videoHeader);
  const colours = videoOfPresentation(samples.videoPresentation, videoHeader?.codec);
  const video = joinVideo(
    // Of the colours the encoder tells here what holds, not what its codec was told.
    { hdr: colours?.hdr },
    videoHeader,
    ofCodec(videoHeader?.codec, videoOfMessage(samples.lastVideo)),
    { bitDepth: colours?.bitDepth },
    videoOfMetadata(samples.metadata),
  );
  const audioHeader = audioOfMessage(samples.audioHeader);
  const audio = joinAudio(
    audioHeader,
    ofCodec(audioHeader?.codec, audioOfMessage(samples.lastAudio)),
    audioOfPresentation(samples.audioPresentation),
    audioOfMetadata(samples.metadata),
  );
  return { ...(video && { video }), ...(audio && { audio }) };
}

/** What a frame says, unless the header is of another codec: then one of them is of the past. */
function ofCodec<T extends { codec: string }>(
  codec: string | undefined,
  frame: T | undefined,
): T | undefined {
  return codec === undefined || codec === frame?.codec ? frame : undefined;
}

/** Codecs whose sequence headers leave the picture size, or all there is to say, to the frames. */
const DESCRIBED_BY_FRAMES = new Set(["vp8", "vp9", "ac3", "eac3", "mp3"]);

/** Whether a frame says what this sequence header, a message body, does not. */
export function describedByFrames(isVideo: boolean, header: Uint8Array): boolean {
  const packet = isVideo ? openVideo(header) : openAudio(header);
  return packet !== undefined && DESCRIBED_BY_FRAMES.has(packet.codec);
}
