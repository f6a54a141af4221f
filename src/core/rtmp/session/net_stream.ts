/**
 * A NetStream: one message stream of a connection, which publishes or plays, and the tables of what
 * it may do when.
 *
 * @module
 */
import type { StreamPath } from "../stream_name.ts";
import type { PlayRequest } from "./requests.ts";

/**
 * What a NetStream is doing. `…-pending` waits for somebody's decision, or for its stream, while
 * nothing else runs.
 */
export type NetStreamState = "idle" | "publish-pending" | "publishing" | "play-pending" | "playing";

/** What runs. `waiting`: the play was let in and its stream is not there yet. */
type Running = "idle" | "publishing" | "waiting" | "playing";

/** What can happen to what runs. */
export type NetStreamEvent = "publish" | "play" | "begin" | "stop";

/** Every legal move of what runs; what is not listed is not legal. */
const TRANSITIONS: Record<Running, Partial<Record<NetStreamEvent, Running>>> = {
  "idle": { publish: "publishing", play: "waiting", stop: "idle" },
  "publishing": { publish: "publishing", play: "waiting", stop: "idle" },
  "waiting": { publish: "publishing", play: "waiting", begin: "playing", stop: "idle" },
  "playing": { publish: "publishing", play: "waiting", stop: "idle" },
};

/** A request of a NetStream that nobody has decided yet. What runs goes on beside it. */
export interface Asked {
  /** What it asks for. */
  readonly kind: "publish" | "play" | "switch";
  /** Of what. */
  readonly path: StreamPath;
  /** What the client said, by which a repeat of it is known. */
  readonly said: string;
  /** Whether a play asks for NetStream.Play.Reset. */
  readonly reset: boolean;
  /** Whether a play takes the place of another one (play2, playlists). */
  readonly transition: boolean;
  /** Whether it is the next of the playlist, which then stays. */
  readonly follows: boolean;
}

/** A message stream of a connection. */
export class NetStream {
  /** Message stream id, from 1. */
  readonly id: number;
  #running: Running = "idle";
  /** The request that waits for a decision. */
  asked: Asked | undefined;
  /** The request that was let in last and runs. */
  request: Asked | undefined;
  /** What is to be played when the present play is over, in this order. */
  readonly playlist: PlayRequest[] = [];
  /** The client's buffer in ms, as it told us; 0 until it does. */
  bufferMs = 0;
  /** The client wants no media for now. */
  paused = false;
  /** What plays is a recording: it can be sought in, and stays when it has come to its end. */
  recorded = false;
  /** The recording has come to its end; a seek goes on with it. */
  finished = false;
  /** Whether the client wants sound; may be said before it plays. */
  receiveAudio = true;
  /** Whether it wants pictures; the same. */
  receiveVideo = true;
  /** What it published was taken away: what still comes for it is meant for nobody else. */
  lost = false;
  /** For the owner of the session: what it publishes to or plays from. */
  attachment: unknown;

  /** `id`: its message stream id. */
  constructor(id: number) {
    this.id = id;
  }

  /** What it is doing. */
  get state(): NetStreamState {
    if (this.#running === "waiting") return "play-pending";
    if (this.#running !== "idle" || this.asked === undefined) return this.#running;
    return this.asked.kind === "publish" ? "publish-pending" : "play-pending";
  }

  /** The stream the client named in the publish or play that runs, else in the one it asks for. */
  get path(): StreamPath | undefined {
    return (this.request ?? this.asked)?.path;
  }

  /** Whether it publishes, or asks to while nothing runs. */
  get isPublisher(): boolean {
    const { state } = this;
    return state === "publishing" || state === "publish-pending";
  }

  /** Whether it plays, waits to, or asks to while nothing runs. */
  get isPlayer(): boolean {
    const { state } = this;
    return state === "playing" || state === "play-pending";
  }

  /** What was let in: it publishes, it plays, or neither. */
  get runs(): "publish" | "play" | undefined {
    if (this.#running === "idle") return undefined;
    return this.#running === "publishing" ? "publish" : "play";
  }

  /** Whether its play was let in and has not begun. */
  get waits(): boolean {
    return this.#running === "waiting";
  }

  /** Moves on; returns `false` and stays when the table has no such move. */
  apply(event: NetStreamEvent): boolean {
    const next = TRANSITIONS[this.#running][event];
    if (next === undefined) return false;
    this.#running = next;
    if (next === "idle") {
      this.request = undefined;
      this.paused = this.recorded = this.finished = false;
      this.receiveAudio = this.receiveVideo = true;
    }
    return true;
  }
}
