/**
 * A flow to the peer [RFC 7016 §3.6.2]: messages in order, cut into fragments, which are sent again until
 * they have arrived or are not wanted any more.
 *
 * @module
 */
import { DataFlag, FragmentPart } from "./chunk_types.ts";
import { Fragment, type FragmentFlow, type InFlight, type OutMessage } from "./fragment.ts";

/** What a peer is taken to have room for before it said so, bytes. */
const INITIAL_PEER_WINDOW = 65_536;

/** A fragment is not cut to fill a packet for less than so many bytes. */
const SHORTEST_CUT = 64;

const NO_BYTES = new Uint8Array();

/** A flow to the peer. */
export class SendFlow implements FragmentFlow {
  /** Whether the peer has been heard of the flow: until then each packet says what it is for. */
  opened = false;
  /** The peer does not want it. */
  refused = false;
  /** Bytes that the peer has room for. */
  peerWindow = INITIAL_PEER_WINDOW;
  /** Bytes of fragments that the peer may be keeping, and of those on their way. */
  unacknowledgedBytes = 0;
  /** Bytes of messages that have not arrived. */
  bufferedBytes = 0;
  readonly #flight: InFlight;
  /** What was sent, in order of its numbers, from the first one on that has not arrived. */
  #sent: Fragment[] = [];
  #lost: Fragment[] = [];
  #waiting: OutMessage[] = [];
  /** How far the first message that waits has been sent. */
  #offset = 0;
  #nextSequence = 1;
  #finished = false;

  constructor(
    readonly id: number,
    /** What it is for. */
    readonly metadata: Uint8Array,
    /** The flow of the peer that it answers, if it answers one. */
    readonly association: number | undefined,
    /** Whether its packets are time critical. */
    readonly timeCritical: boolean,
    flight: InFlight,
  ) {
    this.#flight = flight;
  }

  /** Queues a message, which must not change. It is given up at `deadline` (ms). */
  write(bytes: Uint8Array, deadline = Infinity): void {
    if (this.#finished || this.refused) return;
    this.#waiting.push({ bytes, deadline, abandoned: false });
    this.bufferedBytes += bytes.length;
  }

  /** Says that nothing follows. */
  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#append(DataFlag.Final | DataFlag.Abandon);
  }

  /** Whether everything has arrived. */
  get idle(): boolean {
    return this.#sent.length === 0 && this.#waiting.length === 0;
  }

  /** Whether it is over, and the peer knows. */
  get over(): boolean {
    return this.#finished && this.idle;
  }

  /** All numbers up to this one have arrived, or will not come. */
  get forwardSequence(): number {
    return (this.#sent[0]?.sequence ?? this.#nextSequence) - 1;
  }

  /** Whether there is something to send that the peer has room for. */
  get ready(): boolean {
    if (this.#lost.length > 0) return true;
    return this.#waiting.length > 0 && this.unacknowledgedBytes < this.peerWindow;
  }

  /** Whether there is something to send, and the peer has no room. */
  get blocked(): boolean {
    return this.#waiting.length > 0 && !this.ready;
  }

  /** What is to be sent next, up to `room` bytes of it; `undefined` if nothing fits, or is there. */
  next(room: number): Fragment | undefined {
    const again = this.#lost[0];
    if (again !== undefined) {
      if (again.length > room) return undefined;
      this.#lost.shift();
      return again;
    }
    const message = this.#waiting[0];
    if (message === undefined || this.unacknowledgedBytes >= this.peerWindow) return undefined;
    const left = message.bytes.length - this.#offset;
    if (room < Math.min(left, SHORTEST_CUT)) return undefined;
    const length = Math.min(left, room);
    const start = this.#offset;
    const begins = start === 0;
    const ends = length === left;
    const part = begins
      ? ends ? FragmentPart.Whole : FragmentPart.Begin
      : ends
      ? FragmentPart.End
      : FragmentPart.Middle;
    const fragment = new Fragment(
      this,
      this.#nextSequence++,
      message,
      start,
      start + length,
      part,
    );
    this.#sent.push(fragment);
    this.unacknowledgedBytes += length;
    if (ends) {
      this.#waiting.shift();
      this.#offset = 0;
    } else this.#offset += length;
    return fragment;
  }

  /** A fragment that says something without bytes of a message. */
  #append(flags: number): void {
    const nothing: OutMessage = { bytes: NO_BYTES, deadline: Infinity, abandoned: false };
    const fragment = new Fragment(this, this.#nextSequence++, nothing, 0, 0, flags);
    this.#sent.push(fragment);
    this.#lost.push(fragment);
  }

  /** The peer has all up to `cumulative`. Returns the newest that it has not had before, by its order. */
  acknowledgeUpTo(cumulative: number): number {
    let newest = 0;
    let at = 0;
    for (; at < this.#sent.length; at++) {
      const fragment = this.#sent[at]!;
      if (fragment.sequence > cumulative) break;
      newest = Math.max(newest, this.#arrived(fragment));
    }
    if (at > 0) this.#sent.splice(0, at);
    return newest;
  }

  /** The peer has those from `first` to `last`, too. Returns the same. */
  acknowledgeRange(first: number, last: number): number {
    let newest = 0;
    const base = this.#sent[0]?.sequence ?? 0;
    const from = Math.max(first - base, 0);
    const to = Math.min(last - base, this.#sent.length - 1);
    for (let at = from; at <= to; at++) newest = Math.max(newest, this.#arrived(this.#sent[at]!));
    return newest;
  }

  #arrived(fragment: Fragment): number {
    if (fragment.state === "done") return 0;
    const { order } = fragment;
    this.#settle(fragment);
    return order;
  }

  /** A fragment is not to be sent any more. */
  #settle(fragment: Fragment): void {
    if (fragment.state === "flying") this.#flight.remove(fragment);
    else if (fragment.state === "lost") {
      const at = this.#lost.indexOf(fragment);
      if (at >= 0) this.#lost.splice(at, 1);
    }
    fragment.state = "done";
    this.unacknowledgedBytes -= fragment.length;
    this.bufferedBytes -= fragment.length;
  }

  /** A fragment on its way is taken to be lost. */
  lose(fragment: Fragment): void {
    this.#flight.remove(fragment);
    fragment.state = "lost";
    let at = this.#lost.length;
    while (at > 0 && this.#lost[at - 1]!.sequence > fragment.sequence) at--;
    this.#lost.splice(at, 0, fragment);
  }

  /** Gives up what is late at `now` (ms). */
  expire(now: number): void {
    const late = this.#sent.some(({ message }) => !message.abandoned && message.deadline < now) ||
      this.#waiting.some(({ deadline }) => deadline < now);
    if (late) this.#abandon((message) => message.deadline < now);
  }

  /** The peer does not want the flow: all of it is given up. */
  refuse(): void {
    if (this.refused) return;
    this.#abandon(() => true);
    this.refused = true;
    this.finish();
  }

  #abandon(isLate: (message: OutMessage) => boolean): void {
    let skipped = false;
    for (const fragment of this.#sent) {
      if (fragment.state === "done" || fragment.length === 0 || !isLate(fragment.message)) continue;
      fragment.message.abandoned = skipped = true;
      this.#settle(fragment);
    }
    const first = this.#waiting[0];
    if (this.#offset > 0 && first !== undefined && isLate(first)) {
      this.bufferedBytes -= first.bytes.length - this.#offset;
      first.abandoned = skipped = true;
      this.#waiting.shift();
      this.#offset = 0;
    }
    const begun = this.#offset > 0 ? 1 : 0;
    const kept = this.#waiting.slice(0, begun);
    for (const message of this.#waiting.slice(begun)) {
      if (isLate(message)) this.bufferedBytes -= message.bytes.length;
      else kept.push(message);
    }
    this.#waiting = kept;
    while (this.#sent[0]?.state === "done") this.#sent.shift();
    // Something has to tell the peer that what it waits for does not come.
    if (skipped) this.#append(DataFlag.Abandon);
  }
}
