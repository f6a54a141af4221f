/**
 * Memory that all connections of a server share for what is not yet read: messages that arrive in
 * pieces, and bytes that wait while a request is decided.
 *
 * @module
 */

import { ProtocolError } from "../../errors.ts";

/** One part in this many of a budget may be buffers that are kept for the next message. */
const SPARE_SHARE = 4;

/** One part in this many is for all holders together that were not let in. */
const STRANGER_SHARE = 8;

/** What memory for unread bytes is taken from. */
export interface AssemblyAccount {
  /**
   * Takes `bytes`.
   *
   * @throws {ProtocolError} `limit` when it may not; nothing is taken then
   */
  take(bytes: number): void;
  /** Gives back `bytes` that were taken. */
  give(bytes: number): void;
  /** Keeps a buffer of `bytes`, taken before, for the next message; `false` when it is to be given back. */
  keep(bytes: number): boolean;
  /** Uses a buffer of `bytes` that was kept; it stays taken. */
  reuse(bytes: number): void;
}

/** The account of one connection in a budget that many share. */
export class AssemblyHolder implements AssemblyAccount {
  /** Whether it was let in: those that were not share a small part. */
  isLetIn = false;
  /** It has to go, and its connection is to be closed: it takes nothing more. */
  isDoomed = false;
  readonly #budget: AssemblyBudget;
  readonly #onDoomed: () => void;
  #held = 0;
  #spare = 0;

  /** Made by {@link AssemblyBudget.holder}. */
  constructor(budget: AssemblyBudget, onDoomed: () => void) {
    this.#budget = budget;
    this.#onDoomed = onDoomed;
  }

  /** Bytes taken, spare buffers included. */
  get held(): number {
    return this.#held;
  }

  /** Bytes that wait to be read. */
  get unread(): number {
    return this.#held - this.#spare;
  }

  take(bytes: number): void {
    this.#budget.takeFor(this, bytes);
    this.#held += bytes;
  }

  give(bytes: number): void {
    this.#held -= bytes;
    this.#budget.giveFor(this, bytes);
  }

  keep(bytes: number): boolean {
    // Who has not been let in has no next message to be quick with.
    if (!this.isLetIn || !this.#budget.keep(bytes)) return false;
    this.#spare += bytes;
    return true;
  }

  reuse(bytes: number): void {
    this.#spare -= bytes;
    this.#budget.reuse(bytes);
  }

  /** It was let publish or play. */
  letIn(): void {
    this.#budget.letIn(this);
  }

  /** It makes room: called by the budget. */
  doom(): void {
    this.isDoomed = true;
    this.#onDoomed();
  }

  /** The connection is gone, and has given everything back. */
  close(): void {
    this.#budget.leave(this);
  }
}

/**
 * Counts memory of many connections against one bound. Where there is not enough left for one of the
 * {@link AssemblyHolder}s, the one that holds most makes room, whoever asks.
 */
export class AssemblyBudget implements AssemblyAccount {
  /** Most bytes at once. */
  readonly maxBytes: number;
  #used = 0;
  #spare = 0;
  /** Bytes of holders that have to go, and of those that were not let in. */
  #doomed = 0;
  #strangers = 0;
  readonly #holders = new Set<AssemblyHolder>();

  /** `maxBytes` is the bound, in bytes; none if left out. */
  constructor(maxBytes = Infinity) {
    this.maxBytes = maxBytes;
  }

  /** Bytes taken and not given back, those of {@link spare} included. */
  get used(): number {
    return this.#used;
  }

  /** Bytes of buffers that are empty and wait for the next message. */
  get spare(): number {
    return this.#spare;
  }

  /**
   * Takes `bytes`.
   *
   * @throws {ProtocolError} `limit` when less is left; nothing is taken then
   */
  take(bytes: number): void {
    if (this.#used + bytes > this.maxBytes) throw this.#exhausted();
    this.#used += bytes;
  }

  #exhausted(): ProtocolError {
    return new ProtocolError(
      "limit",
      `Unfinished messages of all connections hold more than ${this.maxBytes} bytes`,
    );
  }

  /**
   * An account for one connection. `onDoomed` is told when it holds most and has to make room: it is
   * in another's turn, so the connection is to be ended in a later one.
   */
  holder(onDoomed: () => void): AssemblyHolder {
    const holder = new AssemblyHolder(this, onDoomed);
    this.#holders.add(holder);
    return holder;
  }

  /** Takes `bytes` for a holder. @throws {ProtocolError} `limit` when it is the one that has to go */
  takeFor(holder: AssemblyHolder, bytes: number): void {
    if (holder.isDoomed) throw this.#exhausted();
    if (!holder.isLetIn) {
      while (this.#strangers + bytes > this.maxBytes / STRANGER_SHARE) {
        this.#makeRoom(holder, bytes, true);
      }
    }
    while (this.#used - this.#doomed + bytes > this.maxBytes) {
      this.#makeRoom(holder, bytes, false);
    }
    this.#used += bytes;
    if (!holder.isLetIn) this.#strangers += bytes;
  }

  /** Gives back `bytes` of a holder. */
  giveFor(holder: AssemblyHolder, bytes: number): void {
    this.#used -= bytes;
    if (holder.isDoomed) this.#doomed -= bytes;
    else if (!holder.isLetIn) this.#strangers -= bytes;
  }

  /** The holder that has most unread makes room. A walk, when there is nothing left. */
  #makeRoom(asking: AssemblyHolder, bytes: number, strangers: boolean): void {
    let largest = asking;
    let most = asking.unread + bytes;
    for (const holder of this.#holders) {
      if (holder.isDoomed || holder.unread <= most || (strangers && holder.isLetIn)) continue;
      largest = holder;
      most = holder.unread;
    }
    if (largest === asking) throw this.#exhausted();
    if (!largest.isLetIn) this.#strangers -= largest.held;
    this.#doomed += largest.held;
    largest.doom();
  }

  /** A holder was let publish or play. */
  letIn(holder: AssemblyHolder): void {
    if (holder.isLetIn) return;
    if (!holder.isDoomed) this.#strangers -= holder.held;
    holder.isLetIn = true;
  }

  /** How many connections have an account. */
  get holders(): number {
    return this.#holders.size;
  }

  /** A holder is gone. */
  leave(holder: AssemblyHolder): void {
    this.#holders.delete(holder);
  }

  /** Gives back `bytes` that were taken. */
  give(bytes: number): void {
    this.#used -= bytes;
  }

  /**
   * Keeps a buffer of `bytes`, taken before, for the next message. `false` when there are enough
   * such buffers: it is to be given back. So honest publishers never use up what others need.
   */
  keep(bytes: number): boolean {
    if (this.#spare + bytes > this.maxBytes / SPARE_SHARE) return false;
    this.#spare += bytes;
    return true;
  }

  /** Uses a buffer of `bytes` that was kept; it stays taken. */
  reuse(bytes: number): void {
    this.#spare -= bytes;
  }
}
