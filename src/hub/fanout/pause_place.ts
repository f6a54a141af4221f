/**
 * Where a player was in the log when it paused, and from where it can go on.
 *
 * @module
 */
import { timestampDelta } from "../../core/rtmp/timestamp.ts";
import type { LogPage, MediaLog } from "./media_log.ts";
import type { Omissions } from "./omissions.ts";
import type { PlayerSource } from "./player_ports.ts";
import type { ReadingPlace } from "./reading_place.ts";
import { MAX_STEP_BACK_MS } from "../ingest/timeline.ts";

/** The place of a player that paused. It keeps nothing of the log. */
export class PausePlace {
  readonly log: MediaLog;
  /** The headers that the player knows, by their version. */
  readonly headers: number;
  /** Everything before it was handed out. */
  readonly position: number;
  readonly #counting: number;
  /** Timestamp of what was handed out last, if that is known. */
  readonly #time: number | undefined;
  /** Whether the player could decode what came next. */
  readonly #decodes: boolean;

  /** It reads `source`, and is at `offset` of `page`. */
  constructor(
    { log, headerVersion }: Pick<PlayerSource, "log" | "headerVersion">,
    page: LogPage,
    offset: number,
    decodes: boolean,
  ) {
    this.log = log;
    this.headers = headerVersion;
    this.#counting = log.counting;
    this.position = page.start + offset;
    const index = page.indexAt(offset);
    this.#time = index > 0 ? page.stamps[index - 1] : undefined;
    this.#decodes = decodes;
  }

  /**
   * Lets a player that has joined `source` again go on behind what it has seen, as far as that is still
   * kept: moves its place `at`, and says what is left out for it.
   *
   * @param after timestamp of the last message that it has seen, if it says so (ms)
   */
  resume(
    source: PlayerSource,
    at: ReadingPlace,
    omissions: Omissions,
    now: number,
    after: number | undefined,
  ): void {
    const { log } = this;
    if (log !== source.log) return;
    let seen = after !== undefined && this.#wasSent(after) ? after : undefined;
    // Where positions say nothing any more, the time does.
    const isLost = log.counting !== this.#counting;
    if (isLost && log.keyPage !== undefined && this.#isWithin(log.keyPage.stampAt(log.keyOffset))) {
      seen ??= this.#time;
      if (this.#decodes && seen !== undefined) {
        if (this.headers === source.headerVersion) at.owe(undefined);
        return omissions.leaveOutUpTo(seen);
      }
    }
    if (seen !== undefined) omissions.leaveOutUpTo(seen);
    if (omissions.awaitsKey || log.keyPage === undefined) return;
    const how = this.#goesOn(seen);
    if (how === "key") {
      at.goLive(log);
      omissions.awaitKey(now, false);
    } else if (how === "behind") {
      if (this.headers === source.headerVersion) at.owe(undefined);
      if (seen === undefined) at.goTo(log, this.position);
    }
  }

  /** Whether the GOP that begins at `key` (ms) is the one in which it paused. */
  #isWithin(key: number): boolean {
    return this.#time !== undefined && timestampDelta(key, this.#time) >= 0;
  }

  /** Whether the player was sent what has this time: it may name one that it was not. */
  #wasSent(timestamp: number): boolean {
    return this.#time === undefined || timestampDelta(this.#time, timestamp) <= MAX_STEP_BACK_MS;
  }

  /**
   * What the player can go on with, of a log that keeps a GOP: with the messages of it that it has not
   * seen, with all of it, or only with another one.
   *
   * @param after timestamp up to which it wants nothing
   */
  #goesOn(after: number | undefined): "behind" | "gop" | "key" {
    const { keyPage, keyOffset, keyPosition } = this.log;
    if (keyPosition < this.position) return this.#decodes ? "behind" : "key";
    const key = keyPage!.stampAt(keyOffset);
    // A key frame that it does not want is none that it could begin with.
    return after !== undefined && timestampDelta(after, key) <= 0 ? "key" : "gop";
  }
}
