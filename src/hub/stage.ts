/**
 * Who has a stream: its publisher, or what is shown in its place, or nobody for a while.
 *
 * @module
 */
import { KeyStart } from "./key_start.ts";
import type { PlayEnd } from "./fanout/player_ports.ts";
import {
  Ownership,
  type PublishedStream,
  type PublisherInfo,
  type PublisherObserver,
  type StreamEnd,
} from "./publisher.ts";
import { StandIn } from "./stand_in.ts";
import { Taps } from "./tap.ts";

/** Who is told what becomes of a stream, and how long it is kept. */
export interface StageLimits<Whole> {
  /** How long players are kept after the publisher left (ms); 0 ends them at once. */
  readonly reconnectWindowMs: number;
  /** Told of a stream that begins, and of its end. Must not throw. */
  readonly onLive?: (stream: Whole, now: number) => void;
  /** Told that its publisher has gone; may put something in its place. Must not throw. */
  readonly onLeft?: (stream: Whole, reason: StreamEnd, now: number) => void;
  readonly onEnded?: (stream: Whole, reason: StreamEnd) => void;
}

/** What of a stream is about who shows something in it. */
export abstract class Stage<Whole extends PublishedStream> {
  /** The one who may push; everybody else's `push` is ignored. */
  publisher: Ownership<Whole> | undefined;
  /** What is shown in place of the publisher, or is about to be. */
  standIn: StandIn | undefined;
  /** When players kept through a reconnect are given up (ms). */
  orphanDeadline = Infinity;
  protected readonly taps: Taps = new Taps();
  readonly #limits: StageLimits<Whole>;
  /** Whether it began, and its end was not told yet. */
  #begun = false;
  /** Something was shown in place of the publisher, whose time goes on. */
  #goesOn = false;

  constructor(limits: StageLimits<Whole>) {
    this.#limits = limits;
  }

  /** The whole stream. */
  protected abstract readonly whole: Whole;
  /** Players that receive media. */
  abstract readonly playerCount: number;
  /** Hands what was pushed to the players. */
  abstract flush(now: number): void;
  /** Ends every player once it has been handed what is in the log. */
  abstract endPlayers(reason: PlayEnd, now: number, why?: StreamEnd): void;
  /** What the publisher sends is over. */
  protected abstract endInput(): void;
  /** What begins describes itself; `kept`: time goes on for those who watch. */
  protected abstract renew(kept: boolean, now: number): void;

  /** Whether players may come: it has a publisher, or waits for one that was lost. */
  get live(): boolean {
    return this.shown || this.orphanDeadline !== Infinity;
  }

  /** Whether it has a publisher, or something that is shown in its place. */
  get shown(): boolean {
    return this.publisher !== undefined || this.standIn !== undefined;
  }

  /** Whether what is shown is of the publisher. */
  protected get isOwn(): boolean {
    return this.standIn === undefined;
  }

  /** Makes `observer`'s session the owner. The one before, if any, must have been ended. */
  publish(
    info: PublisherInfo,
    observer: PublisherObserver,
    now: number,
  ): Ownership<Whole> {
    const start = this.standIn?.shown === true ? new KeyStart() : undefined;
    const publisher = new Ownership<Whole>(this.whole, info, observer, now, start);
    this.publisher = publisher;
    this.orphanDeadline = Infinity;
    if (start === undefined) this.handBack(now);
    if (!this.#begun) {
      this.#begun = true;
      this.#limits.onLive?.(this.whole, now);
    }
    return publisher;
  }

  /** Viewers go over to the publisher. Called by {@link Ownership} only. */
  handBack(now: number): void {
    const kept = !this.isOwn || this.#goesOn;
    this.#goesOn = false;
    this.#endStandIn();
    this.restart(now, kept);
  }

  /** Another begins to show something. Called by {@link StandIn}, too. */
  restart(now: number, kept = !this.isOwn): void {
    this.renew(kept || this.playerCount > 0, now);
    this.taps.published(now, this.isOwn);
  }

  /** The publisher is gone; `lost`: it may come back. Called by {@link Ownership} only. */
  unpublished(now: number, reason: StreamEnd): void {
    if (this.isOwn) this.endInput();
    this.publisher = undefined;
    const mayShow = reason === "lost" || reason === "unpublished";
    if (mayShow && this.isOwn) this.#limits.onLeft?.(this.whole, reason, now);
    if (!mayShow || this.isOwn) return this.#keepOrEnd(now, reason);
    this.taps.unpublished(now, true, true);
    this.flush(now);
  }

  /** There is nothing to be shown: players wait, or it is over. */
  #keepOrEnd(now: number, reason: StreamEnd): void {
    this.taps.unpublished(now, reason === "lost");
    this.flush(now);
    const { reconnectWindowMs } = this.#limits;
    if (reason === "lost" && reconnectWindowMs > 0 && (this.playerCount > 0 || this.taps.stay)) {
      this.orphanDeadline = now + reconnectWindowMs;
    } else {
      this.endPlayers(reason === "shutdown" ? reason : "unpublished", now, reason);
    }
  }

  /** Something takes the place of the publisher, which has gone. */
  standFor(label: string, onOver: () => void): StandIn {
    this.#endStandIn();
    return this.standIn = new StandIn(this, label, onOver);
  }

  /**
   * It ends, and the publisher is waited for as one that was lost, unless it has been (`waited`). Called by
   * {@link StandIn} only.
   */
  standInOver(now: number, waited: boolean): void {
    this.#goesOn = this.standIn!.shown;
    this.#endStandIn();
    if (this.publisher !== undefined) return;
    if (!waited) return this.#keepOrEnd(now, "lost");
    this.taps.unpublished(now, false);
    this.endPlayers("unpublished", now);
  }

  #endStandIn(): void {
    const { standIn } = this;
    this.standIn = undefined;
    standIn?.over();
  }

  /** It is over: nothing is waited for, and that is told once. */
  protected end(reason: StreamEnd): void {
    this.orphanDeadline = Infinity;
    this.#goesOn = false;
    this.#endStandIn();
    if (!this.#begun) return;
    this.#begun = false;
    this.#limits.onEnded?.(this.whole, reason);
  }

  // What is shown in it, which is for the stream to take

  /** Takes one audio, video or data message. */
  abstract push(kind: number, timestamp: number, payload: Uint8Array, now: number): void;
  /** Stores a data message for new players and sends it to those that are there. */
  abstract setData(handler: string, timestamp: number, payload: Uint8Array, now: number): void;
}
