/**
 * A switch to another stream that was let happen and has not happened.
 *
 * @module
 */
import type { Player } from "../../hub/mod.ts";
import type { PlayContext } from "../../plugin/mod.ts";
import type { Timer } from "../../ports.ts";

/** A switch that was let happen and has not happened. */
export class PendingSwitch {
  readonly player: Player;
  readonly context: PlayContext;
  readonly since: number;
  readonly complete: () => void;
  /** Forgets it. */
  readonly cancel: () => void;
  timer: Timer | undefined;

  constructor(
    player: Player,
    context: PlayContext,
    since: number,
    complete: () => void,
    cancel: () => void,
  ) {
    this.player = player;
    this.context = context;
    this.since = since;
    this.complete = complete;
    this.cancel = cancel;
  }

  /** Whether the other stream is there. */
  get live(): boolean {
    return this.player.encoding !== undefined;
  }
}
