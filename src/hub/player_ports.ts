/**
 * What a player is connected to: where its bytes go, who is told of its fate, what bounds it.
 *
 * @module
 */
import type { PlayerChannel } from "./cohort.ts";
import type { Writer } from "./media_memory.ts";

/** Where a player's bytes go. */
export interface PlayerSink extends Writer {
  /** Whether a write is in flight, so that calling {@link pump} now would be of no use. */
  readonly busy: boolean;
  /** There may be something to write: takes from `Player.next` until it is busy or done. */
  pump(): void;
  /**
   * Where its bytes go, while they may be written there past the sink: nothing else is queued, and
   * no other player shares it. The sink calls `Player.fallOut` before that ends.
   */
  readonly channel?: PlayerChannel | undefined;
  /** A write past the sink is in flight, as if {@link pump} had made it. */
  onBlocked?(): void;
  /**
   * Handing bytes to this player, or telling it something, failed by a fault of ours. The hub goes on
   * with the others. A sink without this loses the player; one that has it ends the play later, in a
   * turn of its own.
   */
  onFault?(error: unknown): void;
}

/** Why a play ended without the player asking for it. */
export type PlayEnd = "unpublished" | "not-found" | "shutdown" | "stalled";

/**
 * What a player is told. Called synchronously, in the middle of what the hub does: it may queue what
 * it has to say, and leave the stream. Whatever it throws goes to {@link PlayerSink.onFault}.
 */
export interface PlayerObserver {
  /** The stream has a publisher: media follows as soon as this returns. */
  onStart(): void;
  /** The play is over and everything that was due has been handed out. */
  onEnd(reason: PlayEnd): void;
  /** Its stream has another publisher, and it goes on. */
  onPublish?(): void;
  /** It could not keep up, and lost what was queued for it. */
  onSkip?(): void;
}

/**
 * Where a player begins in a rendition with video: with the cached GOP; here with sound and data, and
 * with pictures from the next key frame on, as also without a GOP; or here with whatever comes.
 */
export type JoinPoint = "gop" | "key" | "here";
