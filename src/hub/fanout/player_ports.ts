/**
 * What a player is connected to: where its bytes go, who is told of its fate, what bounds it.
 *
 * @module
 */
import type { Asker } from "../asker.ts";
import type { KeyClock } from "../key_clock.ts";
import type { LogPage, MediaLog } from "./media_log.ts";
import type { MediaBuffer, Writer } from "../media_memory.ts";
import type { Prelude } from "./prelude.ts";

/** Where the bytes of one player alone go. */
export interface PlayerChannel {
  /** Writes `bytes`; `false` when the rest is in flight and nothing else may be written yet. */
  write(bytes: Uint8Array): boolean;
}

/** Where a player's bytes go. */
export interface PlayerSink extends Writer {
  /** Whether a write is in flight, so that calling {@link pump} now would be of no use. */
  readonly busy: boolean;
  /** There may be something to write: takes from `Player.next` until it is busy or done. */
  pump(): void;
  /** Whose it is, where one connection has several; itself if left out. */
  readonly owner?: object;
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
  /** Who plays, for those who may bring a stream that nobody has; asked for then only. */
  readonly asker?: Asker;
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
 * Where a player begins in an encoding with video: with the cached GOP; here with sound and data, and
 * with pictures from the next key frame on, as also without a GOP; or here with whatever comes.
 */
export type JoinPoint = "gop" | "key" | "here";

/** Where a player has its place among those that read by themselves. */
export interface PlayerSlot {
  slot: number;
}

/** What a player reads: one encoding of a stream. */
export interface PlayerSource {
  readonly log: MediaLog;
  /** When its key frames came. */
  readonly keys: KeyClock;
  /** Whether a player has to start at a key frame. */
  readonly hasVideo: boolean;
  /** Rises with each header that goes through the log. */
  readonly headerVersion: number;
  /** What the view that was handed out last is of. */
  readonly viewed: MediaBuffer | undefined;
  bytesOut: number;
  framesDropped: number;
  /** Somebody wants media. */
  wake(now: number): void;
  /** Headers for a player that starts here. */
  prelude(): Prelude;
  /** The bytes of a prelude as players of `variant` are sent them. */
  preludeView(prelude: Prelude, variant: number | undefined): Uint8Array;
  /** Whether there is memory for that; if not, it is to be asked again later. */
  mayView(page: LogPage, from: number, variant: number | undefined): boolean;
  /** Bytes of `page` from `from` on: as many as one write takes. */
  view(page: LogPage, from: number, variant: number | undefined): Uint8Array;
  /** The bytes of `page` from `from` to `to`, between messages. */
  range(page: LogPage, from: number, to: number, variant: number | undefined): Uint8Array;
  /** Takes a player up among those that read by themselves, and lets it go. */
  straggle(player: PlayerSlot): void;
  remove(player: PlayerSlot): void;
}
