/**
 * A NetStream: one message stream of a connection, which publishes or plays, and the table of what
 * it may do when.
 *
 * @module
 */
import type { StreamPath } from "../stream_name.ts";
import type { PlayRequest } from "./events.ts";

/** What a NetStream is doing. `…-pending` waits for somebody's decision. */
export type NetStreamState = "idle" | "publish-pending" | "publishing" | "play-pending" | "playing";

/** What can happen to a NetStream. */
export type NetStreamEvent = "publish" | "play" | "accept" | "refuse" | "stop";

/** Every legal move; what is not listed is not legal. */
const TRANSITIONS: Record<NetStreamState, Partial<Record<NetStreamEvent, NetStreamState>>> = {
  "idle": { publish: "publish-pending", play: "play-pending", stop: "idle" },
  "publish-pending": { accept: "publishing", refuse: "idle", stop: "idle" },
  "publishing": { stop: "idle" },
  "play-pending": { accept: "playing", refuse: "idle", stop: "idle" },
  "playing": { stop: "idle" },
};

/** A message stream of a connection. */
export class NetStream {
  /** Message stream id, from 1. */
  readonly id: number;
  #state: NetStreamState = "idle";
  /** The stream the client named in its publish or play. */
  path: StreamPath | undefined;
  /** Whether the pending play asked for NetStream.Play.Reset. */
  reset = false;
  /** The pending play replaces another one (play2). */
  transition = false;
  /** What is to be played when the present play is over, in this order. */
  readonly playlist: PlayRequest[] = [];
  /** The client's buffer in ms, as it told us; 0 until it does. */
  bufferMs = 0;
  /** The client wants no media for now. */
  paused = false;
  /** Whether the client wants sound and picture; may be said before it plays. */
  receiveAudio = true;
  receiveVideo = true;
  /** For the owner of the session: what it publishes to or plays from. */
  attachment: unknown;

  constructor(id: number) {
    this.id = id;
  }

  get state(): NetStreamState {
    return this.#state;
  }

  /** Whether it publishes, or has asked to. */
  get isPublisher(): boolean {
    return this.#state === "publishing" || this.#state === "publish-pending";
  }

  /** Whether it plays, or has asked to. */
  get isPlayer(): boolean {
    return this.#state === "playing" || this.#state === "play-pending";
  }

  /** Moves on; returns `false` and stays when the table has no such move. */
  apply(event: NetStreamEvent): boolean {
    const next = TRANSITIONS[this.#state][event];
    if (next === undefined) return false;
    this.#state = next;
    if (next === "idle") {
      this.path = undefined;
      this.paused = false;
      this.receiveAudio = this.receiveVideo = true;
    }
    return true;
  }
}
