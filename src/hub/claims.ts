/**
 * Names that are about to be published: whoever has a say in it is asked first, such as other servers
 * that may have the name.
 *
 * @module
 */
import type { PublisherInfo } from "./publisher.ts";
import type { StreamKey } from "./stream_key.ts";

/** How long an answer may take (ms), unless configured; without one the publish is refused. */
export const CLAIM_MS = 5000;
/** Publishes that wait for an answer at once, unless configured; more are refused. */
export const MAX_CLAIMS = 1000;

/** What a publisher is told whose claim was not answered. */
export const UNANSWERED = "Nobody said in time whether this name is free.";
/** What a publisher is told where too many wait for answers. */
export const TOO_MANY_CLAIMS =
  "Too many publishers wait until it is known whether their names are free.";

/** A publish, as those see it who have a say. */
export interface Claim {
  readonly path: StreamKey;
  readonly info: PublisherInfo;
  /** Refuses it; the publisher is told `reason`. */
  refuse(reason: string): void;
  /**
   * Has the publish wait until what this returns is called: with a reason, which refuses it, or without
   * one. To be called while {@link HubObserver.onClaimed} runs.
   */
  hold(): (reason?: string) => void;
}

/** A publish that waits. */
interface Pending {
  readonly deadline: number;
  readonly settle: (reason?: string) => void;
}

/** All publishes that wait for an answer. */
export class Claims {
  /** Tells whoever has a say; set by the hub. Without it every publish goes on at once. */
  ask: ((claim: Claim, now: number) => void) | undefined;
  readonly #ms: number;
  readonly #most: number;
  /** The next one to be given up first: all wait equally long. */
  readonly #pending = new Set<Pending>();

  constructor(ms = CLAIM_MS, most = MAX_CLAIMS) {
    this.#ms = ms;
    this.#most = most;
  }

  /** Publishes that wait for an answer. */
  get size(): number {
    return this.#pending.size;
  }

  /**
   * Asks. `decided` is called once, before this returns or later, with why it is refused or with
   * nothing.
   */
  open(
    path: StreamKey,
    info: PublisherInfo,
    now: number,
    decided: (reason?: string) => void,
  ): void {
    if (this.ask === undefined) return decided();
    let refused: string | undefined;
    let holds = 0;
    const pending: Pending = {
      deadline: now + this.#ms,
      settle: (reason) => {
        if (this.#pending.delete(pending)) decided(reason);
      },
    };
    const answer = (reason?: string) => {
      refused ??= reason;
      // While it is asked it is not pending yet, and this settles nothing.
      if (holds === 0 || refused !== undefined) pending.settle(refused);
    };
    this.ask({
      path,
      info,
      refuse: (reason) => answer(reason),
      hold: () => {
        holds++;
        let given = false;
        return (reason) => {
          if (given) return;
          given = true;
          holds--;
          answer(reason);
        };
      },
    }, now);
    if (refused !== undefined || holds === 0) return decided(refused);
    if (this.#pending.size >= this.#most) return decided(TOO_MANY_CLAIMS);
    this.#pending.add(pending);
  }

  /** Refuses what has waited long enough. */
  expire(now: number): void {
    for (const pending of this.#pending) {
      if (pending.deadline > now) break;
      pending.settle(UNANSWERED);
    }
  }

  /** Refuses all that wait. */
  close(reason: string): void {
    for (const pending of this.#pending) pending.settle(reason);
  }
}
