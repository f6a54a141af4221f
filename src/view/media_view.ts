/**
 * The tracks of a stream as the control API shows them.
 *
 * @module
 */
import { type AmfValue, asRecord } from "../core/amf/mod.ts";
import { describeMedia, type MediaDescription } from "../core/media/mod.ts";
import type { AudioTrackView, VideoTrackView } from "../http/mod.ts";
import { FrameKind, type LiveStream, type MediaTrack } from "../hub/mod.ts";

/** Members of `onMetaData`. */
type Metadata = ReadonlyMap<string, AmfValue>;

/** The video tracks of a stream, the default one first; none before there is video. */
export function videoTracks(stream: LiveStream, metadata: Metadata | undefined): VideoTrackView[] {
  const { stats, description } = stream;
  const tracks = description.tracks(FrameKind.Video);
  if (stats.videoFrames === 0) return [];
  const rates = measuredRates(tracks, stats.videoRate.perSecond, stats.frameRate.perSecond);
  return tracks.flatMap((track, index) => {
    const { video } = descriptionOf(track, metadataOf(metadata, "video", index, track.id));
    if (video === undefined) return [];
    const { bytesPerSecond, framesPerSecond } = rates[index]!;
    return [{
      id: track.id,
      codec: video.codec,
      codecString: video.codecString ?? null,
      width: video.width ?? null,
      height: video.height ?? null,
      frameRate: video.frameRate ?? (framesPerSecond > 0 ? framesPerSecond : null),
      bitDepth: video.bitDepth ?? null,
      hdr: video.hdr ?? null,
      bitrate: bits(bytesPerSecond),
    }];
  });
}

/** The audio tracks of a stream, the default one first; none before there is audio. */
export function audioTracks(stream: LiveStream, metadata: Metadata | undefined): AudioTrackView[] {
  const { stats, description } = stream;
  const tracks = description.tracks(FrameKind.Audio);
  if (stats.audioFrames === 0) return [];
  const rates = measuredRates(tracks, stats.audioRate.perSecond, 0);
  return tracks.flatMap((track, index) => {
    const { audio } = descriptionOf(track, metadataOf(metadata, "audio", index, track.id));
    if (audio === undefined) return [];
    return [{
      id: track.id,
      codec: audio.codec,
      codecString: audio.codecString ?? null,
      sampleRate: audio.sampleRate ?? null,
      channels: audio.channels ?? null,
      bitDepth: audio.bitDepth ?? null,
      bitrate: bits(rates[index]!.bytesPerSecond),
    }];
  });
}

/** What describes a track, and what it was made from. */
interface Described {
  readonly from: readonly unknown[];
  readonly description: MediaDescription;
}

const described = new WeakMap<MediaTrack, Described>();

/** What a track is, looked at again only when something of it has changed. */
function descriptionOf(track: MediaTrack, metadata: Metadata | undefined): MediaDescription {
  const { header, presentation, sample } = track;
  const from = [header, presentation, sample, metadata];
  const known = described.get(track);
  if (known !== undefined && from.every((part, index) => part === known.from[index])) {
    return known.description;
  }
  const description = describeMedia(
    track.kind === FrameKind.Video
      ? {
        videoHeader: header?.payload,
        videoPresentation: presentation?.payload,
        lastVideo: sample,
        metadata,
      }
      : {
        audioHeader: header?.payload,
        audioPresentation: presentation?.payload,
        lastAudio: sample,
        metadata,
      },
  );
  described.set(track, { from, description });
  return description;
}

/**
 * What `onMetaData` says of a track: of the first one all it says, of others what is listed under
 * their ids [E-RTMP v2 "Enhancing onMetaData"].
 */
function metadataOf(
  metadata: Metadata | undefined,
  kind: "video" | "audio",
  index: number,
  id: number,
): Metadata | undefined {
  const own = asRecord(asRecord(metadata?.get(`${kind}TrackIdInfoMap`))?.get(`${id}`));
  return own ?? (index === 0 ? metadata : undefined);
}

/**
 * Rates of each track per second. Track 0 without multitrack header has what the others leave of all
 * there is.
 */
function measuredRates(tracks: readonly MediaTrack[], allBytes: number, allFrames: number) {
  let [bytes, frames] = [allBytes, allFrames];
  for (const track of tracks) {
    bytes -= track.byteRate.perSecond;
    frames -= track.frameRate.perSecond;
  }
  return tracks.map((track) => {
    const isCounted = track.frames > 0 || track.id !== 0;
    return {
      bytesPerSecond: Math.max(0, isCounted ? track.byteRate.perSecond : bytes),
      framesPerSecond: hundredths(Math.max(0, isCounted ? track.frameRate.perSecond : frames)),
    };
  });
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

function bits(bytesPerSecond: number): number | null {
  return bytesPerSecond > 0 ? Math.round(bytesPerSecond * 8) : null;
}
