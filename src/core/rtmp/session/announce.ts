/**
 * What a client is told when it is let in, and when one of its NetStreams starts, pauses or ends.
 *
 * @module
 */
import { BandwidthLimit, encodeSetPeerBandwidth, encodeWindowAckSize } from "../message/control.ts";
import { MessageType } from "../message/types.ts";
import { UserControlEvent } from "../message/user_control.ts";
import type { NetStream } from "./net_stream.ts";
import type { Replies } from "./replies.ts";
import { PLAY_WAITS, statusInfo } from "./status.ts";

/** What is told at the end of a recording. */
export interface RecordingEnd {
  /** Timestamp of the last message (ms). */
  readonly time: number;
  /** How much was played, in seconds. */
  readonly seconds: number;
  /** Bytes of media that were sent. */
  readonly bytes: number;
}

/**
 * What goes before the result of connect: windows, chunk size, StreamBegin 0 [RTMP 1.0 §7.2.1.1].
 * FFmpeg garbles what it publishes by RTMPE once it hears of another chunk size, so `encrypted` puts
 * that off until somebody plays.
 */
export function connectAccepted(
  replies: Replies,
  windowAckSize: number,
  chunkSize: number,
  encrypted: boolean,
): void {
  const bandwidth = encodeSetPeerBandwidth(windowAckSize, BandwidthLimit.Dynamic);
  replies.control(MessageType.WindowAckSize, encodeWindowAckSize(windowAckSize));
  replies.control(MessageType.SetPeerBandwidth, bandwidth);
  if (encrypted) replies.deferChunkSize(chunkSize);
  else replies.setChunkSize(chunkSize);
  replies.userControl({ event: UserControlEvent.StreamBegin, streamId: 0 });
}

/** It may publish [RTMP 1.0 §7.2.2.6]. */
export function publishStarted(replies: Replies, { id }: NetStream): void {
  replies.userControl({ event: UserControlEvent.StreamBegin, streamId: id });
  replies.notice(id, "NetStream.Publish.Start", "Publishing.");
}

/** What can become of the recording that a publisher asked for. */
export type RecordStatus = "Start" | "Stop" | "Failed" | "NoAccess";

const RECORDED: Readonly<Record<RecordStatus, string>> = {
  Start: "Recording.",
  Stop: "No longer recording.",
  Failed: "It cannot be recorded. The stream goes on.",
  NoAccess: "It may not be recorded. The stream goes on.",
};

/** What becomes of the recording that a publisher asked for [RTMP 1.0 §7.2.2.6]. */
export function recordStatus(replies: Replies, { id }: NetStream, status: RecordStatus): void {
  replies.status(id, `NetStream.Record.${status}`, RECORDED[status]);
}

/** What it published was taken away; with `code`, encoders know it for an error. */
export function publishRevoked(
  replies: Replies,
  { id }: NetStream,
  why: string,
  code: "BadName" | "Rejected" | undefined,
): void {
  if (code !== undefined) replies.status(id, `NetStream.Publish.${code}`, why);
  replies.status(id, "NetStream.Unpublish.Success", why);
}

/** It publishes no longer, as it asked for. */
export function publishStopped(replies: Replies, { id }: NetStream): void {
  replies.status(id, "NetStream.Unpublish.Success", "No longer publishing.");
}

/** Media follows [RTMP 1.0 §7.2.2.1]. */
export function playStarted(replies: Replies, stream: NetStream): void {
  const { id, request, recorded } = stream;
  const { transition = false, reset = false } = request ?? {};
  replies.userControl({ event: UserControlEvent.StreamBegin, streamId: id });
  if (transition) replies.notice(id, "NetStream.Play.Transition", "Switched.");
  if (reset) replies.notice(id, "NetStream.Play.Reset", "Playing and resetting.");
  if (recorded && request !== undefined) {
    replies.status(id, "NetStream.Play.Start", "Playing.", { details: request.path.name });
  } else replies.notice(id, "NetStream.Play.Start", "Playing.");
  // Flash players may show pictures and analyse sound. NetStream.Data.Start is left out, because
  // FFmpeg would show a data stream for it.
  replies.sampleAccess(id);
}

/** A recording follows [RTMP 1.0 §7.2.2.1]. */
export function recordingStarted(replies: Replies, stream: NetStream): void {
  replies.userControl({ event: UserControlEvent.StreamIsRecorded, streamId: stream.id });
  playStarted(replies, stream);
}

/** What follows is of another place of the recording [RTMP 1.0 §7.2.2.7]. */
export function recordingSought(replies: Replies, { id }: NetStream): void {
  replies.userControl({ event: UserControlEvent.StreamEof, streamId: id });
  replies.userControl({ event: UserControlEvent.StreamIsRecorded, streamId: id });
  replies.userControl({ event: UserControlEvent.StreamBegin, streamId: id });
  replies.status(id, "NetStream.Seek.Notify", "Going on from there.");
  replies.status(id, "NetStream.Play.Start", "Playing from there.");
}

/** All of the recording has been sent; the player shows it to its end by itself. */
export function recordingFinished(replies: Replies, { id }: NetStream, end: RecordingEnd): void {
  const { time, seconds, bytes } = end;
  const info = statusInfo("NetStream.Play.Complete", "", { duration: seconds, bytes });
  replies.dataAt(time, id, "onPlayStatus", info);
  replies.userControl({ event: UserControlEvent.StreamEof, streamId: id });
  replies.status(id, "NetStream.Play.Stop", "This was all of it.");
}

/** All of the recording has been sent, and the next of the playlist follows. `time`: of its last message (ms). */
export function recordingMovedOn(replies: Replies, { id }: NetStream, time: number): void {
  const info = statusInfo("NetStream.Play.Switch", "On to what was appended.");
  replies.dataAt(time, id, "onPlayStatus", info);
}

/** The recording cannot be read on. */
export function recordingFailed(replies: Replies, { id }: NetStream, why: string): void {
  replies.status(id, "NetStream.Play.Failed", why);
  replies.userControl({ event: UserControlEvent.StreamEof, streamId: id });
  replies.status(id, "NetStream.Play.Stop", why);
}

/** The recording grows, and there is nothing more of it for now. */
export function recordingDry(replies: Replies, { id }: NetStream): void {
  replies.userControl({ event: UserControlEvent.StreamDry, streamId: id });
}

/** It asked for what it plays already. */
export function playAgain(replies: Replies, { id }: NetStream, reset: boolean): void {
  if (reset) replies.notice(id, "NetStream.Play.Reset", "Playing on.");
  replies.status(id, "NetStream.Play.Start", "Playing on.");
}

/** It plays no longer, as it asked for. */
export function playStopped(replies: Replies, { id }: NetStream): void {
  replies.userControl({ event: UserControlEvent.StreamEof, streamId: id });
  replies.status(id, "NetStream.Play.Stop", "Stopped.");
}

/** It will play another stream, as soon as that can begin. */
export function switchAccepted(replies: Replies, { id }: NetStream): void {
  replies.status(id, "NetStream.Play.Transition", "Going on with the other stream soon.");
}

/**
 * What follows is of the other stream. `time`: of a recording, that of the last message before (ms).
 *
 * @param changes whether it is a recording and what was before was live, or the other way round
 */
export function switchCompleted(
  replies: Replies,
  { id }: NetStream,
  time?: number,
  changes = false,
): void {
  if (changes) {
    const streamId = id;
    if (time !== undefined) {
      replies.userControl({ event: UserControlEvent.StreamIsRecorded, streamId });
    }
    replies.userControl({ event: UserControlEvent.StreamBegin, streamId });
  }
  const code = "NetStream.Play.TransitionComplete";
  const why = "This is the other stream.";
  if (time === undefined) replies.status(id, code, why);
  else replies.dataAt(time, id, "onPlayStatus", statusInfo(code, why));
}

/** What it played is over, and the next of its playlist begins. */
export function playMovedOn(replies: Replies, { id }: NetStream): void {
  replies.status(id, "NetStream.Play.Switch", "On to what was appended.");
}

/** Somebody publishes the stream again that it plays. */
export function playPublished(replies: Replies, { id }: NetStream): void {
  replies.notice(id, "NetStream.Play.PublishNotify", "The stream has a publisher again.");
}

/** It was let play, and waits for a publisher; a code of ours, for servers of this kind. */
export function playWaits(replies: Replies, { id }: NetStream): void {
  replies.status(id, PLAY_WAITS, "The stream has no publisher yet.");
}

/** It lost media, because it does not read fast enough. */
export function playTooSlow(replies: Replies, { id }: NetStream): void {
  replies.status(
    id,
    "NetStream.Play.InsufficientBW",
    "Too slow for this stream: frames were lost.",
  );
}

/** What it played is over. */
export function playEnded(replies: Replies, { id }: NetStream, why: string): void {
  replies.notice(id, "NetStream.Play.UnpublishNotify", why);
  replies.userControl({ event: UserControlEvent.StreamEof, streamId: id });
  replies.notice(id, "NetStream.Play.Stop", why);
}

/** It was paused, or plays on [RTMP 1.0 §7.2.2.8]. */
export function playPaused(replies: Replies, { id, paused, recorded }: NetStream): void {
  if (!paused && recorded) {
    replies.userControl({ event: UserControlEvent.StreamBegin, streamId: id });
    replies.status(id, "NetStream.Unpause.Notify", "Playing again.");
  } else if (paused) {
    replies.status(id, "NetStream.Pause.Notify", "Paused.");
    replies.userControl({ event: UserControlEvent.StreamEof, streamId: id });
  } else {
    replies.status(id, "NetStream.Unpause.Notify", "Playing again.");
    replies.userControl({ event: UserControlEvent.StreamBegin, streamId: id });
  }
}
