/**
 * A connection that is carried by requests of HTTP: what the client sends is in their bodies, what it is
 * sent waits for the next of them. At most one write waits, so that its owner feels a client that does
 * not ask; a client whose owner does not read is not answered.
 *
 * @module
 */
import { Polling } from "../../core/rtmp/tunnel/polling.ts";
import { MAX_EARLY_REQUESTS, Sequence } from "../../core/rtmp/tunnel/sequence.ts";
import { MediaBuffer, type MediaMemory } from "../../hub/mod.ts";
import type { Address, Clock, Connection, ConnectionHandler, Timer } from "../../ports.ts";

/** Bytes of one answer after which no further write is asked for. */
const ANSWER_BYTES = 256 * 1024;
/** Bytes of room for an answer, at the least. */
const ANSWER_ROOM = 2048;
/** How long a request for nothing waits for something to be said (ms): it saves asking again and again. */
const WAIT_MS = 200;
/** Bytes of requests that wait for others, in one session, and what each costs beside them. */
const EARLY_BYTES = 4 * 1024 * 1024;
const EARLY_COST = 512;
/** The same in all sessions together. */
export const ALL_EARLY_BYTES: number = 64 * 1024 * 1024;
/** How long a request waits for those ahead of it (ms): longer than plugins may think about one. */
const EARLY_MS = 10_000;

/** A request of one session: its number, and what it brings. */
export interface Carried {
  readonly kind: "send" | "idle" | "close";
  readonly sequence: number;
  readonly body: Uint8Array;
  /** Called once, now or later; `undefined`: there is no such session, or no such request any more. */
  readonly answer: (body: Uint8Array | undefined) => void;
}

/** One session of RTMPT as a connection. */
export class Tunnel implements Connection {
  readonly remote: Address;
  readonly local: Address;
  bytesWritten = 0;
  /** When it was last heard of (ms). */
  heardAt: number;
  readonly #clock: Clock;
  readonly #memory: MediaMemory;
  readonly #mergeMs: () => number;
  readonly #onGone: () => void;
  readonly #sequence = new Sequence();
  readonly #polling = new Polling();
  readonly #early = new Map<number, { readonly carried: Carried; readonly timer: Timer }>();
  #earlyBytes = 0;
  readonly #allEarly: { bytes: number };
  #handler: ConnectionHandler | undefined;
  /** The write in flight. */
  #pending: Uint8Array | undefined;
  /** Bytes that the next answer is given room for. */
  #room = ANSWER_ROOM;
  /** A request for nothing that waits until there is something, and what ends its wait. */
  #waiting: { readonly carried: Carried; readonly timer: Timer } | undefined;
  /** When a request for nothing was last answered with something to say (ms). */
  #saidAt = -Infinity;
  /** A request whose bytes wait, as nothing is read. */
  #unread: Carried | undefined;
  /** The last answer, in case it was lost on its way. */
  #last: MediaBuffer | undefined;
  #paused = false;
  #state: "open" | "ending" | "closed" = "open";

  /**
   * `memory` counts the answer that is kept; `mergeMs` says how much time is to be between two answers with
   * something to say to requests for nothing; `onGone` is called once, when no request is for it any more;
   * `allEarly` counts what waits for other requests in all sessions.
   */
  constructor(
    clock: Clock,
    memory: MediaMemory,
    remote: Address,
    local: Address,
    mergeMs: () => number,
    onGone: () => void,
    allEarly: { bytes: number } = { bytes: 0 },
  ) {
    this.#clock = clock;
    this.#memory = memory;
    this.remote = remote;
    this.local = local;
    this.#mergeMs = mergeMs;
    this.#onGone = onGone;
    this.#allEarly = allEarly;
    this.heardAt = clock.now();
  }

  /** Whether it is over. */
  get closed(): boolean {
    return this.#state === "closed";
  }

  // As a connection

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  write(bytes: Uint8Array): boolean {
    if (this.#state !== "open" || bytes.length === 0) return true;
    this.#pending = bytes;
    // Whoever writes is in the middle of something: the answer is made in a turn of its own.
    if (this.#waiting !== undefined) this.#answerSoon(this.#waiting.carried, this.#merging());
    return false;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    const unread = this.#unread;
    if (unread === undefined) return;
    this.#unread = undefined;
    this.#read(unread);
    this.#carryOn();
  }

  end(): void {
    if (this.#pending === undefined) this.destroy();
    else this.#state = "ending";
  }

  destroy(): void {
    if (this.closed) return;
    this.#state = "closed";
    this.#pending = undefined;
    this.#keep(undefined);
    const open = [this.#unread, this.#waiting?.carried];
    this.#waiting?.timer.cancel();
    this.#unread = this.#waiting = undefined;
    for (const { carried, timer } of this.#early.values()) {
      timer.cancel();
      open.push(carried);
    }
    this.#early.clear();
    this.#allEarly.bytes -= this.#earlyBytes;
    this.#earlyBytes = 0;
    for (const carried of open) carried?.answer(undefined);
    this.#onGone();
    // Its owner may be in the middle of something.
    this.#clock.after(0, () => this.#handler?.onClose());
  }

  // As what requests are for

  /** Takes a request of the session. */
  carry(carried: Carried): void {
    if (this.closed) return carried.answer(undefined);
    this.heardAt = this.#clock.now();
    const { sequence } = carried;
    switch (this.#sequence.place(sequence)) {
      case "due":
        if (this.#unread !== undefined) return this.#putOff(carried);
        this.#take(carried);
        return this.#carryOn();
      case "again":
        return carried.answer(this.#last?.bytes);
      case "early":
        return this.#putOff(carried);
      case "lost":
        return carried.answer(undefined);
    }
  }

  /** Keeps a request until those ahead of it were taken. */
  #putOff(carried: Carried): void {
    const { sequence } = carried;
    const cost = carried.body.length + EARLY_COST;
    const full = this.#early.size >= MAX_EARLY_REQUESTS || this.#earlyBytes + cost > EARLY_BYTES ||
      this.#allEarly.bytes + cost > ALL_EARLY_BYTES;
    if (full || this.#early.has(sequence)) return carried.answer(undefined);
    this.#earlyBytes += cost;
    this.#allEarly.bytes += cost;
    const timer = this.#clock.after(EARLY_MS, () => {
      this.#forgetEarly(sequence, carried);
      carried.answer(undefined);
    });
    this.#early.set(sequence, { carried, timer });
  }

  #forgetEarly(sequence: number, { body }: Carried): void {
    this.#early.delete(sequence);
    this.#earlyBytes -= body.length + EARLY_COST;
    this.#allEarly.bytes -= body.length + EARLY_COST;
  }

  /** Takes the requests that had come early and are due now. */
  #carryOn(): void {
    while (this.#unread === undefined) {
      const { due } = this.#sequence;
      const next = due === undefined ? undefined : this.#early.get(due);
      if (next === undefined) return;
      this.#forgetEarly(due!, next.carried);
      next.timer.cancel();
      this.#take(next.carried);
    }
  }

  #take(carried: Carried): void {
    this.#sequence.pass(carried.sequence);
    this.#keep(undefined);
    const waiting = this.#waiting?.carried;
    if (waiting !== undefined) this.#answer(waiting);
    if (carried.kind === "close") {
      this.destroy();
      return carried.answer(new Uint8Array(1));
    }
    if (this.#paused && carried.kind === "send") this.#unread = carried;
    else this.#read(carried);
  }

  #read(carried: Carried): void {
    if (carried.kind === "send" && carried.body.length > 0) this.#handler?.onData(carried.body);
    if (this.closed) return carried.answer(undefined);
    if (carried.kind === "send") return this.#answer(carried);
    const merging = this.#pending === undefined ? WAIT_MS : this.#merging();
    if (merging === 0) this.#answer(carried);
    else this.#answerSoon(carried, merging);
  }

  /** How long to wait for more to say (ms). */
  #merging(): number {
    return Math.max(0, this.#saidAt + this.#mergeMs() - this.#clock.now());
  }

  #answerSoon(carried: Carried, ms: number): void {
    this.#waiting?.timer.cancel();
    this.#waiting = { carried, timer: this.#clock.after(ms, () => this.#answer(carried)) };
  }

  /** Keeps an answer until the next request comes. */
  #keep(body: Uint8Array | undefined): void {
    this.#last?.drop();
    this.#last = body && new MediaBuffer(this.#memory, body);
  }

  /** Answers with all that is there to be said, up to a bound. */
  #answer(carried: Carried): void {
    this.#waiting?.timer.cancel();
    this.#waiting = undefined;
    // A copy: the memory of what is shared is given back once it was taken.
    let body = new Uint8Array(this.#pending === undefined ? 1 : this.#room);
    let size = 1;
    while (this.#pending !== undefined && size <= ANSWER_BYTES) {
      const { length } = this.#pending;
      if (size + length > body.length) body = grown(body, size, size + length);
      body.set(this.#pending, size);
      size += length;
      this.bytesWritten += length;
      this.#pending = undefined;
      if (this.#state === "open") this.#handler?.onWritable();
    }
    // Room for one that is a little longer than this.
    if (size > 1) this.#room = Math.max(ANSWER_ROOM, size + (size >> 2));
    if (size > 1 && carried.kind === "idle") this.#saidAt = this.#clock.now();
    body[0] = this.#polling.next(size > 1);
    const said = body.subarray(0, size);
    this.#keep(said);
    carried.answer(said);
    if (this.#state === "ending" && this.#pending === undefined) this.destroy();
  }
}

/** An array with room for `least` bytes and more that begins with the first `size` of `bytes`. */
function grown(bytes: Uint8Array, size: number, least: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(least + (least >> 1));
  larger.set(bytes.subarray(0, size));
  return larger;
}
