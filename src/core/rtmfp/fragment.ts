/**
 * Parts of messages on their way to a peer, in the order in which they were sent.
 *
 * @module
 */
/** A message to be sent. */
export interface OutMessage {
  readonly bytes: Uint8Array;
  /** When it is given up, if it has not all arrived by then (ms). */
  readonly deadline: number;
  abandoned: boolean;
}

/** The flow that a fragment belongs to, as far as packets are made of it. */
export interface FragmentFlow {
  readonly id: number;
  readonly metadata: Uint8Array;
  readonly association: number | undefined;
  readonly opened: boolean;
  readonly forwardSequence: number;
  /** A fragment on its way is taken to be lost. */
  lose(fragment: Fragment): void;
}

/** A part of a message that was sent at least once. */
export class Fragment {
  /** `flying`: sent, and nothing heard of it; `lost`: to be sent again; `done`: arrived, or given up. */
  state: "flying" | "lost" | "done" = "lost";
  /** Its number among all that the session sent, this time. */
  order = 0;
  /** How often what was sent later has arrived, and this has not. */
  passed = 0;
  previous: Fragment | undefined;
  next: Fragment | undefined;

  constructor(
    readonly flow: FragmentFlow,
    readonly sequence: number,
    readonly message: OutMessage,
    readonly start: number,
    readonly end: number,
    /** Flags of User Data. */
    readonly flags: number,
  ) {}

  /** Bytes of it. */
  get length(): number {
    return this.end - this.start;
  }
}

/** Fragments on their way, oldest first. */
export class InFlight {
  first: Fragment | undefined;
  /** Bytes of them. */
  bytes = 0;
  #last: Fragment | undefined;
  #order = 0;

  /** One was sent. */
  add(fragment: Fragment): void {
    fragment.state = "flying";
    fragment.order = ++this.#order;
    fragment.passed = 0;
    fragment.previous = this.#last;
    fragment.next = undefined;
    if (this.#last === undefined) this.first = fragment;
    else this.#last.next = fragment;
    this.#last = fragment;
    this.bytes += weightOf(fragment);
  }

  /** One is not on its way any more. */
  remove(fragment: Fragment): void {
    const { previous, next } = fragment;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    fragment.previous = fragment.next = undefined;
    this.bytes -= weightOf(fragment);
  }
}

/** Bytes that a fragment counts as: its own and those around it. */
export function weightOf(fragment: Fragment): number {
  return fragment.length + 16;
}
