/**
 * A flow of the peer [RFC 7016 §3.6.3]: fragments in any order become messages in order.
 *
 * @module
 */
import { Assembly } from "./assembly.ts";
import { DataFlag, FragmentPart } from "./chunk_types.ts";

/** Bytes of fragments and messages that wait in a flow before no more is taken. */
export const RECEIVE_WINDOW: number = 256 * 1024;

/** Fragments that may come ahead of one that is missing. */
const MAX_AHEAD = 2048;

/** Bytes of the unit in which room is told. */
export const BLOCK_LENGTH = 1024;

/** What a fragment costs beside its bytes while it waits: there may be many of none. */
const EARLY_COST = 128;

/** A fragment that came ahead of another. */
interface Early {
  readonly flags: number;
  readonly data: Uint8Array;
}

/** A flow of the peer. */
export class ReceiveFlow {
  /** All numbers up to it have come, or will not. */
  cumulative = 0;
  /** Whether nothing follows any more. */
  ended = false;
  /** Why its owner does not want it; 0 until then. */
  refusal: number | undefined;
  /** Messages that are whole, behind their room, and wait for whoever takes them. */
  readonly messages: Uint8Array[] = [];
  /** Messages that were dropped, as parts of them did not come. */
  dropped = 0;
  readonly #maxMessageBytes: number;
  readonly #assembly = new Assembly();
  readonly #early = new Map<number, Early>();
  #earlyBytes = 0;
  #waitingBytes = 0;
  #final = Infinity;
  /** The numbers of early fragments in order: sorting them for each would let a peer buy much for little. */
  readonly #sequences: number[] = [];
  /** What this flow was last counted as. */
  #counted = 0;

  constructor(
    readonly id: number,
    readonly metadata: Uint8Array,
    /** The flow of ours that it answers. */
    readonly association: number | undefined,
    maxMessageBytes: number,
    /** Counts what all flows of a session hold. */
    private readonly held: { bytes: number } = { bytes: 0 },
  ) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Bytes held for it. */
  get heldBytes(): number {
    const { size } = this.#early;
    return this.#earlyBytes + EARLY_COST * size + this.#waitingBytes + this.#assembly.capacity;
  }

  #count(): void {
    const bytes = this.heldBytes;
    this.held.bytes += bytes - this.#counted;
    this.#counted = bytes;
  }

  /** Whether something is missing. */
  get hasGap(): boolean {
    return this.#early.size > 0;
  }

  /** Blocks that the peer may send beyond what has come; at least one while messages are taken. */
  get room(): number {
    const left = RECEIVE_WINDOW - this.#earlyBytes - this.#waitingBytes;
    return Math.max(Math.floor(left / BLOCK_LENGTH), this.#waitingBytes === 0 ? 1 : 0);
  }

  /** The numbers behind {@link cumulative} that have come, in order. */
  get ahead(): readonly number[] {
    return this.#sequences;
  }

  /**
   * A fragment came; `data` is copied. All up to `upTo` will not come any more. Returns whether it was
   * news; `too long` when its message is longer than it may be.
   */
  receive(
    sequence: number,
    upTo: number,
    flags: number,
    data: Uint8Array,
  ): boolean | "too long" {
    const news = this.#receive(sequence, upTo, flags, data);
    this.#count();
    return news;
  }

  #receive(
    sequence: number,
    upTo: number,
    flags: number,
    data: Uint8Array,
  ): boolean | "too long" {
    if (this.ended) return false;
    // This one has come, whatever is said of it.
    const forward = Math.min(upTo, sequence - 1);
    const fits = this.#fits(sequence, forward, data.length);
    if (forward > this.cumulative) this.#forward(forward);
    if (sequence <= this.cumulative || this.#early.has(sequence)) {
      this.#lookForEnd();
      return false;
    }
    if (!fits) return false;
    if ((flags & DataFlag.Final) !== 0) this.#final = Math.min(this.#final, sequence);
    if (sequence === this.cumulative + 1) {
      this.cumulative = sequence;
      if (!this.#take(flags, data)) return "too long";
      if (this.#early.size > 0 && !this.#drain()) return "too long";
    } else {
      this.#early.set(sequence, { flags, data: data.slice() });
      this.#earlyBytes += data.length;
      this.#note(sequence);
    }
    this.#lookForEnd();
    return true;
  }

  /** Puts the number of an early fragment in its place, most often the last. */
  #note(sequence: number): void {
    const sequences = this.#sequences;
    let low = 0;
    let high = sequences.length;
    if (high > 0 && sequences[high - 1]! < sequence) low = high;
    while (low < high) {
      const middle = low + high >>> 1;
      if (sequences[middle]! < sequence) low = middle + 1;
      else high = middle;
    }
    sequences.splice(low, 0, sequence);
  }

  #fits(sequence: number, forward: number, length: number): boolean {
    const base = Math.max(this.cumulative, forward);
    if (sequence > base + MAX_AHEAD) return false;
    const held = this.#earlyBytes + this.#waitingBytes;
    // What is next in order gets through unless whoever takes messages has stopped.
    if (sequence === base + 1) return this.#waitingBytes <= RECEIVE_WINDOW;
    return held + length <= RECEIVE_WINDOW;
  }

  /** What has come up to `sequence` is all that will. */
  #forward(sequence: number): void {
    const sequences = this.#sequences;
    let taken = 0;
    for (; taken < sequences.length && sequences[taken]! <= sequence; taken++) {
      const number = sequences[taken]!;
      if (number !== this.cumulative + 1) this.#gap();
      this.#takeEarly(number);
    }
    if (taken > 0) sequences.splice(0, taken);
    if (sequence > this.cumulative) {
      this.#gap();
      this.cumulative = sequence;
    }
    this.#drain();
  }

  #gap(): void {
    if (this.#assembly.active) this.dropped++;
    this.#assembly.drop();
  }

  /** Takes what follows without a gap. */
  #drain(): boolean {
    const sequences = this.#sequences;
    let taken = 0;
    let whole = true;
    while (whole && sequences[taken] === this.cumulative + 1) {
      taken++;
      whole = this.#takeEarly(this.cumulative + 1);
    }
    if (taken > 0) sequences.splice(0, taken);
    return whole;
  }

  #takeEarly(number: number): boolean {
    const { flags, data } = this.#early.get(number)!;
    this.#early.delete(number);
    this.#earlyBytes -= data.length;
    this.cumulative = number;
    return this.#take(flags, data);
  }

  /** Takes the next fragment in order; `false` when its message is too long. */
  #take(flags: number, data: Uint8Array): boolean {
    const assembly = this.#assembly;
    if ((flags & DataFlag.Abandon) !== 0) {
      this.#gap();
      return true;
    }
    const part = flags & DataFlag.Fragment;
    if (part === FragmentPart.Whole || part === FragmentPart.Begin) {
      this.#gap();
      assembly.begin();
    } else if (!assembly.active) return true;
    if (assembly.length + data.length > this.#maxMessageBytes) {
      assembly.drop();
      return false;
    }
    const last = part === FragmentPart.Whole || part === FragmentPart.End;
    assembly.add(data, last);
    if (last) {
      const message = assembly.finish();
      this.#waitingBytes += message.length;
      this.messages.push(message);
    }
    return true;
  }

  #lookForEnd(): void {
    if (this.cumulative >= this.#final) this.ended = true;
  }

  /** The next message, which belongs to the caller; `undefined` when none is whole. */
  shift(): Uint8Array | undefined {
    const message = this.messages.shift();
    if (message === undefined) return undefined;
    this.#waitingBytes -= message.length;
    this.#count();
    return message;
  }

  /** Keeps nothing any more: it is over, or not wanted. */
  drop(): void {
    this.#assembly.drop();
    this.#early.clear();
    this.#sequences.length = 0;
    this.messages.length = 0;
    this.#earlyBytes = this.#waitingBytes = 0;
    this.#count();
  }
}
