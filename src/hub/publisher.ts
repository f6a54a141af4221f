/**
 * The right to push into a stream. A stream has one valid publisher at any moment: once another has
 * taken over, what the old one still pushes goes nowhere.
 *
 * @module
 */
import type { KeyStart } from "./key_start.ts";

/** Who publishes, for the control API and the logs. */
export interface PublisherInfo {
  readonly sessionId: string;
  /** `address:port` of the peer. */
  readonly address: string;
  /** The peer's `flashVer`. */
  readonly client: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** What it sent behind the name, to be passed on to an origin; secret. */
  readonly query?: string | undefined;
  /** Ids of servers that the stream has come through, where it came from another one. */
  readonly via?: readonly string[] | undefined;
  /** It is published at another node of the cluster, which records it and sends it on as well. */
  readonly fromNode?: true;
}

/** Why a publisher lost its stream without asking for it. */
export type RevokeReason = "replaced" | "kicked" | "shutdown" | "no-memory";

/**
 * Why a stream is over: its publisher left, or was lost and did not come back in time; it was ended by
 * the operator, by the end of the server, or for memory.
 */
export type StreamEnd = "unpublished" | "lost" | Exclude<RevokeReason, "replaced">;

/**
 * What is wrong with the key frames of a publisher: there are none, or there are some that are flagged
 * as inter frames.
 */
export type KeyFrameFault = "missing" | "flagged-inter";

/** What a publisher is told. Called synchronously, in the middle of what another one asked for. */
export interface PublisherObserver {
  onRevoked(reason: RevokeReason): void;
  /** {@link onRevoked} threw: a fault of ours, which must not reach who takes over. */
  onFault?(error: unknown): void;
  /** Its pictures have a fault that their operator should know; said once. */
  onKeyFrameFault?(fault: KeyFrameFault, codec: string, dropped: number): void;
}

/** A stream, as its owner knows it. */
export interface PublishedStream {
  /** The one who may push. */
  publisher: unknown;
  /** Takes an audio (8), video (9) or data (18) message. */
  push(kind: number, timestamp: number, payload: Uint8Array, now: number): void;
  /** Stores a data message for new players and sends it to those that are there. */
  setData(handler: string, timestamp: number, payload: Uint8Array, now: number): void;
  /** Forgets a stored data message. */
  clearData(handler: string): void;
  /** Its owner is gone; `lost`: it may come back. */
  unpublished(now: number, reason: StreamEnd): void;
  /** What is shown in place of its owner. */
  readonly standIn: unknown;
  /** Viewers go over to its owner, from what was shown in its place. */
  handBack(now: number): void;
}

/** The owner of a stream. */
export class Ownership<Stream extends PublishedStream = PublishedStream> {
  readonly stream: Stream;
  readonly info: PublisherInfo;
  readonly since: number;
  readonly #observer: PublisherObserver;
  /** While something else is shown: what came before the first key frame. */
  #start: KeyStart | undefined;
  /** A fault of its key frames was told. */
  hasFault = false;

  constructor(
    stream: Stream,
    info: PublisherInfo,
    observer: PublisherObserver,
    now: number,
    start?: KeyStart,
  ) {
    this.#start = start;
    this.stream = stream;
    this.info = info;
    this.since = now;
    this.#observer = observer;
  }

  /** Whether this publisher still owns its stream. */
  get active(): boolean {
    return this.stream.publisher === this;
  }

  /** Pushes an audio (8), video (9) or data (18) message; ignored once the stream has another owner. */
  push(kind: number, timestamp: number, payload: Uint8Array, now: number): void {
    if (!this.active) return;
    if (this.#start !== undefined && !this.#begins(this.#start, kind, timestamp, payload, now)) {
      return;
    }
    this.stream.push(kind, timestamp, payload, now);
  }

  /** Whether viewers see it from this message on. */
  #begins(
    start: KeyStart,
    kind: number,
    timestamp: number,
    payload: Uint8Array,
    now: number,
  ): boolean {
    if (this.stream.standIn !== undefined && !start.take(kind, timestamp, payload, now)) {
      return false;
    }
    this.#start = undefined;
    this.stream.handBack(now);
    start.release(this.stream, now);
    return true;
  }

  /** Stores and sends a data message; see {@link PublishedStream.setData}. */
  setData(handler: string, timestamp: number, payload: Uint8Array, now: number): void {
    if (!this.active) return;
    if (this.#start !== undefined) this.#start.setData(handler, timestamp, payload);
    else this.stream.setData(handler, timestamp, payload, now);
  }

  /** Forgets a stored data message. */
  clearData(handler: string): void {
    if (!this.active) return;
    if (this.#start !== undefined) this.#start.clearData(handler);
    else this.stream.clearData(handler);
  }

  /**
   * Tells of a fault, the first one. Called by the stream only.
   *
   * @param codec short name of what it sends
   * @param dropped pictures that were dropped before the first key frame
   */
  noteFault(fault: KeyFrameFault, codec: string, dropped: number): void {
    if (this.hasFault) return;
    this.hasFault = true;
    this.#observer.onKeyFrameFault?.(fault, codec, dropped);
  }

  /** Gives the stream up; `lost`, rather than of its own will: then players wait for it. */
  end(now: number, lost = false): void {
    if (this.active) this.stream.unpublished(now, lost ? "lost" : "unpublished");
  }

  /** Takes the stream away and tells the owner; players stay for whoever comes next. */
  revoke(reason: RevokeReason, now: number): void {
    if (!this.active) return;
    if (reason === "replaced") this.stream.publisher = undefined;
    else this.stream.unpublished(now, reason);
    try {
      this.#observer.onRevoked(reason);
    } catch (error) {
      this.#observer.onFault?.(error);
    }
  }
}
