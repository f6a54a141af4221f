/**
 * Holds what another server sends to a share of the time of the process: one that floods is read later, by its own
 * connection, and keeps nobody waiting.
 *
 * @module
 */
import type { Clock, Connection } from "../../ports.ts";
import { type Queuing, Share, type Turns } from "../rtmp/turns.ts";

/** What is read between two looks at the clock (bytes). */
export const SLICE_BYTES = 1024;

/** Who reads. */
export interface ShareReader {
  /** Takes bytes, which are lent. Must not throw. */
  take(bytes: Uint8Array): void;
  /** All of a turn was taken. Its time is not the other server's. Must not throw. */
  taken(): void;
}

/** The reading of one connection. */
export class ReadShare implements Queuing {
  readonly #clock: Clock;
  readonly #turns: Turns;
  readonly #connection: Pick<Connection, "pause" | "resume">;
  readonly #reader: ShareReader;
  readonly #share = new Share();
  /** What came and was not read yet, in order. */
  #rest: Uint8Array[] = [];
  #over = false;

  /** @param turns of all such connections, which together leave half of the time to others */
  constructor(
    clock: Clock,
    turns: Turns,
    connection: Pick<Connection, "pause" | "resume">,
    reader: ShareReader,
  ) {
    this.#clock = clock;
    this.#turns = turns;
    this.#connection = connection;
    this.#reader = reader;
  }

  /** Bytes have come, which are lent. */
  onData(bytes: Uint8Array): void {
    // One that was told to stop reading may have had some in hand.
    if (this.#turns.has(this)) this.#rest.push(bytes.slice());
    else if (this.#read(bytes, true)) this.#connection.pause();
  }

  /** It has waited. */
  readOn(): void {
    this.#share.settle();
    const next = this.#rest.shift();
    if (next !== undefined && this.#read(next, false) || this.#over) return;
    if (this.#rest.length > 0) this.#turns.enter(this, this.#share.owed);
    else this.#connection.resume();
  }

  /** Reads no more. */
  stop(): void {
    this.#over = true;
    this.#turns.leave(this);
    this.#rest = [];
  }

  /** Reads them, `lent` or ours, for a turn; returns whether it has to wait behind that. */
  #read(bytes: Uint8Array, lent: boolean): boolean {
    const start = this.#clock.now();
    const limit = Math.min(this.#turns.limit, this.#share.left);
    let [at, now] = [0, start];
    while (at < bytes.length && !this.#over && now - start < limit) {
      this.#reader.take(bytes.subarray(at, at + SLICE_BYTES));
      at += SLICE_BYTES;
      now = this.#clock.now();
    }
    this.#turns.took(now - start, now);
    const tooMuch = this.#share.take(now - start, now, this.#turns.share);
    if (!this.#over) this.#reader.taken();
    if (this.#over) return false;
    if (at < bytes.length) this.#rest.unshift(lent ? bytes.slice(at) : bytes.subarray(at));
    if (!tooMuch && at >= bytes.length) return false;
    this.#turns.enter(this, this.#share.owed);
    return true;
  }
}
