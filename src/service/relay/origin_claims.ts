/**
 * Publishes at an edge that wait for the word of the origin: each is published there in the name of its client
 * before the client is told that it may.
 *
 * @module
 */
import { UsageError } from "../../core/errors.ts";
import { type Claim, CLAIM_MS, keyOf, type PublisherInfo, type StreamKey } from "../../hub/mod.ts";
import type { Clock, Timer } from "../../ports.ts";
import { type Failure, REFUSED_KINDS } from "../outgoing/failure.ts";
import type { PushTarget } from "./push_target.ts";

/** How long the origin may take (ms): less than the hub waits, which refuses what nobody has answered. */
export const ANSWER_MS = CLAIM_MS - 500;

/** How long a connection to the origin waits for the stream that it was made for (ms). */
export const UNCLAIMED_MS = 5000;

/** Where there is no room for a target. */
const NO_ROOM = "The server has as many relays as it may have.";

/** What it needs of the relays. */
export interface OriginClaimsOptions {
  readonly clock: Clock;
  /** The targets at the origin that there are for a name. */
  known(key: StreamKey): readonly PushTarget[];
  /** Begins to publish there; `undefined` where there is no room. @throws {UsageError} */
  make(key: StreamKey, info: PublisherInfo): PushTarget | undefined;
  /** Ends a target. */
  drop(target: PushTarget): void;
  isLive(key: StreamKey): boolean;
}

/** A publish that waits. */
interface Waiting {
  readonly path: StreamKey;
  readonly info: PublisherInfo;
  /** Until when it may (ms). */
  readonly until: number;
  readonly settle: (reason?: string) => void;
}

/** All publishes that wait for the origin. */
export class OriginClaims {
  readonly #options: OriginClaimsOptions;
  /** By name, those who wait until another one of it has its answer. */
  readonly #lines = new Map<string, Waiting[]>();
  /** What was said of whom for a target. */
  readonly #said = new WeakMap<PushTarget, string>();
  readonly #timers = new Set<Timer>();

  constructor(options: OriginClaimsOptions) {
    this.#options = options;
  }

  /** Somebody is about to publish. */
  onClaimed(claim: Claim): void {
    const { path, info } = claim;
    const until = this.#options.clock.now() + ANSWER_MS;
    const waiting = { path, info, until, settle: claim.hold() };
    const line = this.#lines.get(keyOf(path));
    if (line !== undefined) line.push(waiting);
    else this.#ask(waiting);
  }

  /** A stream is published at the origin that nobody asked about, as it was pulled until now for instance. */
  note(target: PushTarget, info: PublisherInfo): void {
    this.#said.set(target, saidOf(info));
  }

  /** Asks in the name of one; others of the same name wait for that. */
  #ask(waiting: Waiting): void {
    const { path, info, until, settle } = waiting;
    const { clock, known, make, drop } = this.#options;
    const before = known(path);
    // Who says from the same address what was let in there is let in, and does not cut himself off there.
    const isSame = (target: PushTarget) => this.#said.get(target) === saidOf(info);
    if (before.some((target) => target.publishes && isSame(target))) return settle();
    let target: PushTarget | undefined;
    try {
      target = make(path, info);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return settle(error.message);
    }
    if (target === undefined) return settle(NO_ROOM);
    const asked = target;
    this.#said.set(asked, saidOf(info));
    this.#lines.set(keyOf(path), []);
    const answered = (failure: Failure | undefined, isAnswer: boolean) => {
      late.cancel();
      asked.onDecided = undefined;
      const refused = failure !== undefined && REFUSED_KINDS.has(failure.kind);
      // Of two there one would take the stream from the other again and again.
      if (refused || (!isAnswer && before.length > 0)) drop(asked);
      else for (const target of before) drop(target);
      settle(refused ? failure.message : undefined);
      if (!refused) this.#dropUnclaimed(asked);
      this.#next(path);
    };
    const late = this.#after(until - clock.now(), () => answered(undefined, false));
    asked.onDecided = (failure) =>
      answered(failure, failure === undefined || REFUSED_KINDS.has(failure.kind));
  }

  #next(path: StreamKey): void {
    const line = this.#lines.get(keyOf(path)) ?? [];
    this.#lines.delete(keyOf(path));
    for (const waiting of line) {
      // Whose time is over is refused by the hub.
      if (this.#options.clock.now() >= waiting.until) continue;
      const others = this.#lines.get(keyOf(path));
      if (others === undefined) this.#ask(waiting);
      else others.push(waiting);
    }
  }

  /** The publish that it was made for may come to nothing for another reason. */
  #dropUnclaimed(target: PushTarget): void {
    this.#after(UNCLAIMED_MS, () => {
      if (!this.#options.isLive(target.key)) this.#options.drop(target);
    });
  }

  #after(ms: number, act: () => void): Timer {
    const timer = this.#options.clock.after(ms, () => {
      this.#timers.delete(timer);
      act();
    });
    this.#timers.add(timer);
    return {
      cancel: () => {
        this.#timers.delete(timer);
        timer.cancel();
      },
    };
  }

  /** Nobody waits any more. */
  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#lines.clear();
  }
}

/** What the origin knows a client by. */
function saidOf({ query = "", address }: PublisherInfo): string {
  return `${address.replace(/:\d+$/, "")} ${query}`;
}
