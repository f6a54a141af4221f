/**
 * A NetStream as the client sees it, and the table of what it may do when.
 *
 * @module
 */

/** What a stream is doing. `creating` waits for its id, `…-pending` for the server's decision. */
export type ClientStreamState =
  | "creating"
  | "idle"
  | "publish-pending"
  | "publishing"
  | "play-pending"
  | "playing"
  | "deleted";

/** What can happen to a stream. */
export type ClientStreamEvent =
  | "create"
  | "publish"
  | "play"
  | "start"
  | "refuse"
  | "stop"
  | "delete";

/** Every legal move; what is not listed is not legal. */
const TRANSITIONS: Record<
  ClientStreamState,
  Partial<Record<ClientStreamEvent, ClientStreamState>>
> = {
  "creating": { create: "idle", refuse: "deleted", delete: "deleted" },
  "idle": { publish: "publish-pending", play: "play-pending", stop: "idle", delete: "deleted" },
  "publish-pending": { start: "publishing", refuse: "idle", stop: "idle", delete: "deleted" },
  "publishing": { stop: "idle", delete: "deleted" },
  "play-pending": { start: "playing", refuse: "idle", stop: "idle", delete: "deleted" },
  "playing": { stop: "idle", delete: "deleted" },
  "deleted": {},
};

/** A message stream of a client. */
export class ClientStream {
  /** Message stream id that the server gave; 0 while there is none. */
  id = 0;
  /** What it publishes or plays, as the server was told. */
  name = "";
  /** Name that the server was told by FCPublish to expect. */
  announced: string | undefined;
  /** Transaction id of the publish or play that is pending; 0 when none is. */
  requestId = 0;
  /** For the owner of the session. */
  attachment: unknown;
  #state: ClientStreamState = "creating";

  /** What it is doing. */
  get state(): ClientStreamState {
    return this.#state;
  }

  /** Whether it waits for the server's decision. */
  get isPending(): boolean {
    return this.#state === "publish-pending" || this.#state === "play-pending";
  }

  /** Moves on; returns `false` and stays when the table has no such move. */
  apply(event: ClientStreamEvent): boolean {
    const next = TRANSITIONS[this.#state][event];
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }
}
