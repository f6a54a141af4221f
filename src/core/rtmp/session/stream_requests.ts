/**
 * Publishes and plays of one connection, from the request to the end: what is asked of the owner,
 * what its decision does, and what the client is told.
 *
 * What runs on a NetStream goes on until the next request for it is let in. A request that is
 * refused changes nothing.
 *
 * @module
 */
import type { StreamPath } from "../stream_name.ts";
import * as announce from "./announce.ts";
import type { SessionHandler } from "./events.ts";
import { type PlayManner, type PlayRequest, type PublishRequest, saidOf } from "./requests.ts";
import type { NetStream } from "./net_stream.ts";
import type { Replies } from "./replies.ts";

/** A request that is no play. */
const PLAIN = { reset: false, transition: false, follows: false };

/** What publishes and plays need of their session. */
export interface RequestGate {
  /** Takes no further message until {@link decided}. */
  ask(stream: NetStream): void;
  /** Goes on, if it is this NetStream that was waited for. */
  decided(stream: NetStream): void;
  /** A publish was let in: messages may be large from now on. */
  publishing(): void;
  /** What publishes has changed. */
  changed(): void;
  /** Whether the session is over. */
  closed(): boolean;
}

/** The publishes and plays of one connection. */
export class StreamRequests {
  readonly #replies: Replies;
  readonly #handler: SessionHandler;
  readonly #gate: RequestGate;

  constructor(replies: Replies, handler: SessionHandler, gate: RequestGate) {
    this.#replies = replies;
    this.#handler = handler;
    this.#gate = gate;
  }

  /** Whether the stream has this to be decided; then it no longer has. */
  #settle(stream: NetStream, kind: "publish" | "play" | "switch") {
    const { asked } = stream;
    if (asked?.kind !== kind) return undefined;
    stream.asked = undefined;
    return asked;
  }

  // Publishes

  requestPublish(stream: NetStream, request: PublishRequest): void {
    const { path } = request;
    const said = saidOf(request);
    if (stream.runs === "publish" && stream.request?.said === said) {
      // What is so already need not be asked for: a key may be good for one time only.
      return announce.publishStarted(this.#replies, stream);
    }
    stream.asked = { kind: "publish", path, said, ...PLAIN };
    this.#gate.ask(stream);
    this.#handler.onPublish(stream, request);
  }

  acceptPublish(stream: NetStream, attachment: unknown): void {
    const asked = this.#settle(stream, "publish");
    if (asked === undefined) return;
    this.#replace(stream);
    // Whoever was told of the end may have ended the session.
    if (this.#gate.closed()) return;
    stream.attachment = attachment;
    stream.apply("publish");
    stream.lost = false;
    stream.request = asked;
    this.#gate.changed();
    this.#gate.publishing();
    announce.publishStarted(this.#replies, stream);
    this.#gate.decided(stream);
  }

  keepPublish(stream: NetStream): void {
    const asked = this.#settle(stream, "publish");
    if (asked === undefined) return;
    if (stream.runs === "publish") {
      stream.request = asked;
      announce.publishStarted(this.#replies, stream);
    }
    this.#gate.decided(stream);
  }

  rejectPublish(stream: NetStream, code: "BadName" | "Denied" | "Rejected", why: string): void {
    if (this.#settle(stream, "publish") === undefined) return;
    this.#replies.status(stream.id, `NetStream.Publish.${code}`, why);
    this.#gate.decided(stream);
  }

  revokePublish(stream: NetStream, why: string, code?: "BadName" | "Rejected"): void {
    if (stream.runs !== "publish") return;
    stream.apply("stop");
    stream.lost = true;
    this.#gate.changed();
    announce.publishRevoked(this.#replies, stream, why, code);
  }

  // Plays

  requestPlay(stream: NetStream, request: PlayRequest, manner: PlayManner): void {
    const { path } = request;
    const { reset, transition, follows = false } = manner;
    const said = saidOf(request);
    const isSame = stream.runs === "play" && stream.request?.said === said;
    if (isSame && !stream.paused && !stream.recorded) {
      stream.playlist.length = 0;
      return this.#again(stream, reset);
    }
    stream.asked = { kind: "play", path, said, reset, transition, follows };
    this.#gate.ask(stream);
    this.#handler.onPlay(stream, request);
  }

  /** It plays that already. One that waits is told when it begins. */
  #again(stream: NetStream, reset: boolean): void {
    if (stream.state === "playing") announce.playAgain(this.#replies, stream, reset);
  }

  acceptPlay(stream: NetStream, attachment: unknown, live: boolean | "recorded"): void {
    const asked = this.#settle(stream, "play");
    if (asked === undefined) return;
    if (!asked.follows) stream.playlist.length = 0;
    const { receiveAudio, receiveVideo } = stream;
    this.#replace(stream);
    // Whoever was told of the end may have ended the session.
    if (this.#gate.closed()) return;
    // Said before the play, it holds for it.
    stream.receiveAudio = receiveAudio;
    stream.receiveVideo = receiveVideo;
    stream.attachment = attachment;
    stream.apply("play");
    stream.request = asked;
    if (live !== false) this.startPlay(stream, live === "recorded");
    this.#gate.decided(stream);
  }

  keepPlay(stream: NetStream): void {
    const asked = this.#settle(stream, "play");
    if (asked === undefined) return;
    if (stream.runs === "play") {
      if (!asked.follows) stream.playlist.length = 0;
      stream.request = asked;
      this.#again(stream, asked.reset);
    }
    this.#gate.decided(stream);
  }

  startPlay(stream: NetStream, recorded = false): void {
    if (!stream.apply("begin")) return;
    stream.recorded = recorded;
    this.#replies.mediaFollows();
    if (recorded) announce.recordingStarted(this.#replies, stream);
    else announce.playStarted(this.#replies, stream);
  }

  rejectPlay(stream: NetStream, code: string, why: string): void {
    if (this.#settle(stream, "play") === undefined) return;
    this.#replies.status(stream.id, `NetStream.Play.${code}`, why);
    this.#playNextIfIdle(stream);
    this.#gate.decided(stream);
  }

  giveUpPlay(stream: NetStream, code: "StreamNotFound" | "Failed", why: string): void {
    if (!stream.waits) return;
    stream.apply("stop");
    this.#replies.status(stream.id, `NetStream.Play.${code}`, why);
    this.#playNextIfIdle(stream);
  }

  endPlay(stream: NetStream, why: string): void {
    if (stream.state !== "playing") return;
    const moves = stream.playlist.length > 0 && stream.asked === undefined;
    if (moves) announce.playMovedOn(this.#replies, stream);
    else announce.playEnded(this.#replies, stream, why);
    stream.apply("stop");
    if (moves) this.playNext(stream);
  }

  followRecording(stream: NetStream, time: number): void {
    if (stream.state !== "playing") return;
    announce.recordingMovedOn(this.#replies, stream, time);
    stream.apply("stop");
    this.playNext(stream);
  }

  /** Plays the next of the playlist, unless something runs or is asked for. */
  #playNextIfIdle(stream: NetStream): void {
    if (stream.state === "idle") this.playNext(stream);
  }

  playNext(stream: NetStream): void {
    const next = stream.playlist.shift();
    if (next === undefined) return;
    this.requestPlay(stream, next, { reset: false, transition: true, follows: true });
  }

  // Switches

  requestSwitch(stream: NetStream, request: PlayRequest): void {
    const { path } = request;
    const said = saidOf(request);
    stream.asked = { kind: "switch", path, said, ...PLAIN };
    this.#gate.ask(stream);
    this.#handler.onSwitch(stream, request);
  }

  acceptSwitch(stream: NetStream): void {
    if (this.#settle(stream, "switch") === undefined) return;
    if (stream.state === "playing") announce.switchAccepted(this.#replies, stream);
    this.#gate.decided(stream);
  }

  rejectSwitch(stream: NetStream, code: "StreamNotFound" | "Failed", why: string): void {
    if (this.#settle(stream, "switch") === undefined) return;
    // What it played may have ended meanwhile: who asked is answered all the same.
    this.#replies.status(stream.id, `NetStream.Play.${code}`, why);
    this.#gate.decided(stream);
  }

  failSwitch(stream: NetStream, code: "StreamNotFound" | "Failed", why: string): void {
    if (stream.state !== "playing") return;
    this.#replies.status(stream.id, `NetStream.Play.${code}`, why);
  }

  completeSwitch(stream: NetStream, path: StreamPath, time?: number): void {
    if (stream.state !== "playing" || stream.request === undefined) return;
    // Not what it said: a play of that may well change something now.
    stream.request = { ...stream.request, path, said: "" };
    const isRecorded = time !== undefined;
    const changes = isRecorded !== stream.recorded;
    stream.recorded = isRecorded;
    stream.finished = false;
    announce.switchCompleted(this.#replies, stream, time, changes);
  }

  // The end

  /** Ends what runs, because the next request was let in. */
  #replace(stream: NetStream): void {
    // A play that was never said to have begun is not said to be over.
    if (stream.runs !== undefined) this.end(stream, !stream.waits);
  }

  /** Ends what runs, because the client asked for it, who is told so if it is `told`. */
  end(stream: NetStream, told: boolean): void {
    stream.playlist.length = 0;
    const { runs } = stream;
    // The owner still sees what the stream was, its path for instance.
    if (runs === "publish") this.#handler.onUnpublish(stream);
    else if (runs === "play") this.#handler.onStop(stream);
    else return;
    stream.apply("stop");
    if (runs === "publish") this.#gate.changed();
    if (!told) return;
    if (runs === "publish") announce.publishStopped(this.#replies, stream);
    else announce.playStopped(this.#replies, stream);
  }
}
