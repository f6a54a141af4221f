/**
 * The newest events of a server, for who watches and for who comes back: a bounded ring.
 *
 * @module
 */

/** Events that are kept. */
export const MAX_EVENTS = 2000;

/** An event with its place. */
export interface KeptEvent {
  readonly type: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly about: object;
  /** The text that is sent, once somebody was sent it. */
  text?: string;
}

/** A ring of events that are numbered from 1 on. */
export class EventRing {
  readonly #events: (KeptEvent | undefined)[];
  #last = 0;

  constructor(size: number = MAX_EVENTS) {
    this.#events = new Array(size).fill(undefined);
  }

  /** The number of the newest event; 0 before the first one. */
  get last(): number {
    return this.#last;
  }

  /** The number of the oldest event that is kept. */
  get first(): number {
    return Math.max(1, this.#last - this.#events.length + 1);
  }

  /** Keeps one, in the place of the oldest where it is full. */
  add(event: KeptEvent): void {
    this.#last++;
    this.#events[this.#last % this.#events.length] = event;
  }

  /** The event of a number; `undefined` where it is not kept, or not there yet. */
  get(number: number): KeptEvent | undefined {
    if (number < this.first || number > this.#last) return undefined;
    return this.#events[number % this.#events.length];
  }
}
