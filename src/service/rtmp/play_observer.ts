/**
 * What the hub tells of one play, on its way to the session: one object, where a closure for each event
 * would take four times its memory.
 *
 * @module
 */
import type { NetStream } from "../../core/rtmp/session/mod.ts";
import type { Asker, PlayEnd, PlayerObserver, StreamKey } from "../../hub/mod.ts";
import type { Play } from "./attachment.ts";

/** Whoever plays on the NetStreams of a session. */
export interface PlayEvents {
  /** Who plays on a NetStream, for another server. */
  askerOf(query: URLSearchParams): Asker;
  /** The stream is live. */
  onStart(netStream: NetStream, play: Play, path: StreamKey): void;
  /** The play is over. */
  onEnd(netStream: NetStream, reason: PlayEnd): void;
  /** The stream has another publisher. */
  onPublish(netStream: NetStream): void;
  /** The client could not keep up. */
  onSkip(netStream: NetStream): void;
}

/** What is told of one play. */
export class PlayObserver implements PlayerObserver {
  /** Whether the stream is live: the hub may say so before there is anything to keep it in. */
  live = false;
  /** The play, once it is kept. */
  play: Play | undefined;
  readonly #events: PlayEvents;
  readonly #netStream: NetStream;
  readonly #path: StreamKey;
  readonly #query: URLSearchParams;

  constructor(
    events: PlayEvents,
    netStream: NetStream,
    path: StreamKey,
    query: URLSearchParams,
  ) {
    this.#events = events;
    this.#netStream = netStream;
    this.#path = path;
    this.#query = query;
  }

  get asker(): Asker {
    return this.#events.askerOf(this.#query);
  }

  onStart(): void {
    this.live = true;
    if (this.play !== undefined) this.#events.onStart(this.#netStream, this.play, this.#path);
  }

  onEnd(reason: PlayEnd): void {
    this.#events.onEnd(this.#netStream, reason);
  }

  onPublish(): void {
    this.#events.onPublish(this.#netStream);
  }

  onSkip(): void {
    this.#events.onSkip(this.#netStream);
  }
}
