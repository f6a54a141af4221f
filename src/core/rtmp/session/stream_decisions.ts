/**
 * What the owner of a session decides about the publishes and plays of its NetStreams, and reports
 * of them.
 *
 * @module
 */
import type { StreamPath } from "../stream_name.ts";
import * as announce from "./announce.ts";
import type { NetStream } from "./net_stream.ts";
import type { Replies } from "./replies.ts";
import type { StreamLengthRequest } from "./requests.ts";
import type { StreamRequests } from "./stream_requests.ts";

/** The part of a session that its owner speaks to about NetStreams. */
export class StreamDecisions {
  readonly #replies: Replies;
  readonly #requests: StreamRequests;

  /** Of one session; made by it. */
  constructor(replies: Replies, requests: StreamRequests) {
    this.#replies = replies;
    this.#requests = requests;
  }

  /**
   * Lets a NetStream publish. What it did before is over now, and `attachment` takes the place of
   * what belonged to that.
   */
  acceptPublish(stream: NetStream, attachment?: unknown): void {
    this.#requests.acceptPublish(stream, attachment);
  }

  /** Lets a NetStream publish what it publishes already: nothing changes, and it is told so. */
  keepPublish(stream: NetStream): void {
    this.#requests.keepPublish(stream);
  }

  /** Ends what a NetStream publishes or plays, because of what it asks for besides. */
  stopStream(stream: NetStream): void {
    this.#requests.end(stream, true);
  }

  /** Refuses a publish; the connection stays, and so does what the NetStream did before. */
  rejectPublish(stream: NetStream, code: "BadName" | "Denied" | "Rejected", why: string): void {
    this.#requests.rejectPublish(stream, code, why);
  }

  /** The stream being published was taken away; with a code, encoders know that for an error. */
  revokePublish(stream: NetStream, why: string, code?: "BadName" | "Rejected"): void {
    this.#requests.revokePublish(stream, why, code);
  }

  /** What becomes of the recording that a publisher asked for. */
  notifyRecord(stream: NetStream, status: announce.RecordStatus): void {
    announce.recordStatus(this.#replies, stream, status);
  }

  /**
   * The play is allowed. What the NetStream did before is over now, and `attachment` takes the place
   * of what belonged to that. Unless it is `live`, or `recorded`, so that the client may seek in it, its
   * stream still has to begin. Other messages are
   * read on.
   */
  acceptPlay(
    stream: NetStream,
    attachment?: unknown,
    live: boolean | "recorded" = false,
  ): void {
    this.#requests.acceptPlay(stream, attachment, live);
  }

  /** Lets a NetStream play what it plays already: nothing changes, and it is told so. */
  keepPlay(stream: NetStream): void {
    this.#requests.keepPlay(stream);
  }

  /** Media follows: StreamBegin, Play.Reset when asked for, Play.Start, sample access. */
  startPlay(stream: NetStream): void {
    this.#requests.startPlay(stream);
  }

  /** What follows is of another place of the recording, as the client asked for. */
  moveRecording(stream: NetStream): void {
    if (!stream.recorded) return;
    stream.finished = false;
    announce.recordingSought(this.#replies, stream);
  }

  /** All of the recording was sent. The client may seek back in it. */
  finishRecording(stream: NetStream, end: announce.RecordingEnd): void {
    if (!stream.recorded || stream.finished) return;
    stream.finished = true;
    announce.recordingFinished(this.#replies, stream, end);
  }

  /** All of the recording was sent, and the next of the playlist is played. `time`: of its last message (ms). */
  followRecording(stream: NetStream, time: number): void {
    if (stream.recorded) this.#requests.followRecording(stream, time);
  }

  /** The recording cannot be read on; the play is over. */
  failRecording(stream: NetStream, why: string): void {
    if (!stream.recorded) return;
    announce.recordingFailed(this.#replies, stream, why);
    stream.apply("stop");
  }

  /** How long a recording lasts, in seconds: 0 of what is live, or not there. */
  answerLength({ messageStreamId, transactionId }: StreamLengthRequest, seconds: number): void {
    this.#replies.result(messageStreamId, transactionId, seconds);
  }

  /** There is nothing more of the recording for now. */
  notifyDry(stream: NetStream): void {
    if (stream.recorded) announce.recordingDry(this.#replies, stream);
  }

  /** Refuses a play; what the NetStream did before goes on. */
  rejectPlay(
    stream: NetStream,
    code: "StreamNotFound" | "Failed" | "FileStructureInvalid" | "NoSupportedTrackFound",
    why: string,
  ): void {
    this.#requests.rejectPlay(stream, code, why);
  }

  /** Ends a play that was let in and has not begun. */
  giveUpPlay(stream: NetStream, code: "StreamNotFound" | "Failed", why: string): void {
    this.#requests.giveUpPlay(stream, code, why);
  }

  /** It may play the other stream. */
  acceptSwitch(stream: NetStream): void {
    this.#requests.acceptSwitch(stream);
  }

  /** It may not, and plays on what it plays. */
  rejectSwitch(stream: NetStream, code: "StreamNotFound" | "Failed", why: string): void {
    this.#requests.rejectSwitch(stream, code, why);
  }

  /** It might have, but the other stream did not begin: it plays on what it plays. */
  failSwitch(stream: NetStream, code: "StreamNotFound" | "Failed", why: string): void {
    this.#requests.failSwitch(stream, code, why);
  }

  /** What it is sent from now on is the other stream. `time`: of a recording, that of its last message (ms). */
  completeSwitch(stream: NetStream, path: StreamPath, time?: number): void {
    this.#requests.completeSwitch(stream, path, time);
  }

  /** The stream being played has ended. */
  endPlay(stream: NetStream, why: string): void {
    this.#requests.endPlay(stream, why);
  }

  /** The stream being played has another publisher, and goes on. */
  notifyPublish(stream: NetStream): void {
    if (stream.state === "playing") announce.playPublished(this.#replies, stream);
  }

  /** The play was let in, and waits for a publisher. */
  notifyWaiting(stream: NetStream): void {
    if (stream.state !== "idle") announce.playWaits(this.#replies, stream);
  }

  /** The client could not keep up with the stream being played, and lost some of it. */
  notifyTooSlow(stream: NetStream): void {
    if (stream.state === "playing") announce.playTooSlow(this.#replies, stream);
  }
}
