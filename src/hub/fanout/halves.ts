/**
 * The players in step of an encoding in two halves, which may be handed what is new in turn: then a
 * picture waits for the next one without all players having to be written to at once.
 *
 * @module
 */
import { Lockstep, type LockstepMember, type LockstepSource } from "./lockstep.ts";
import type { MediaLog } from "./media_log.ts";

/** One half of the players in step. */
export type Half = 0 | 1;

/** Two locksteps of one log. */
export class Halves<Member extends LockstepMember> {
  readonly #halves: readonly [Lockstep<Member>, Lockstep<Member>];
  /** Whether one half waits for its turn. */
  #inTurn = false;

  constructor(log: MediaLog) {
    this.#halves = [new Lockstep(log), new Lockstep(log)];
  }

  /** Number of members. */
  get size(): number {
    return this.#halves[0].size + this.#halves[1].size;
  }

  /** The members, as they are now. */
  members(): Member[] {
    return [...this.#halves[0].members(), ...this.#halves[1].members()];
  }

  /**
   * Where whoever falls into step belongs: to the smaller half, so that both stay halves whatever
   * made players leave. While that is not where the player is, it reads on by itself.
   */
  get smaller(): Lockstep<Member> {
    const [first, second] = this.#halves;
    return first.size <= second.size ? first : second;
  }

  /** Goes on in the page that comes next, where it is through with this one. */
  settle(): void {
    for (const half of this.#halves) half.settle();
  }

  /**
   * Writes what is new to one half, or to both when it is left out.
   *
   * @returns bytes handed out to all of them together
   */
  flush(source: LockstepSource, half?: Half): number {
    this.#inTurn = half !== undefined;
    const [first, second] = this.#halves;
    if (half !== undefined) return this.#halves[half].flush(source);
    // What has waited longer is not written last.
    return first.position <= second.position
      ? first.flush(source) + second.flush(source)
      : second.flush(source) + first.flush(source);
  }

  /** Writes what is new to both, unless a half waits for its turn. */
  catchUp(source: LockstepSource): number {
    return this.#inTurn ? 0 : this.flush(source);
  }
}
