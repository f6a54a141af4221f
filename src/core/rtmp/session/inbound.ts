/**
 * The way in of a session: handshake, then chunks, then messages. It can be stopped behind any
 * message, and then keeps what arrives until it may go on.
 *
 * @module
 */
import type { Rc4 } from "../../crypto/rc4.ts";
import { type AssemblyAccount, AssemblyBudget } from "../chunk/assembly_budget.ts";
import { ChunkDecoder, type MessageSink } from "../chunk/decoder.ts";
import type { ChunkDecoderLimits } from "../chunk/limits.ts";
import { ServerHandshake, type ServerHandshakeOptions } from "../handshake/server.ts";
import { AggregateCursor } from "../message/aggregate.ts";
import { MessageType } from "../message/types.ts";
import { messageEffort } from "./effort.ts";
import { HeldBytes } from "./held_bytes.ts";

export { MAX_HELD_BYTES } from "./held_bytes.ts";

/** What happens on the way in. */
export interface InboundHandler {
  /** The answer to a handshake. */
  send(bytes: Uint8Array): void;
  /** All that is sent behind the next `length` bytes is to go through `cipher`; told before those. */
  onEncrypted?(cipher: Rc4, length: number): void;
  /** The handshake is complete. */
  onHandshake(): void;
  /** One message. @throws {ProtocolError} when it breaks the protocol or a limit */
  onMessage(type: number, messageStreamId: number, timestamp: number, payload: Uint8Array): void;
  /**
   * Messages have cost what they may, and `overdraft` more. Returns how much more they may cost at
   * once, nothing when it is 0.
   */
  onSpent?(overdraft: number): number;
}

const NO_BYTES = new Uint8Array(0);

/** The way in of one session. */
export class Inbound implements MessageSink {
  readonly #handler: InboundHandler;
  readonly #held: HeldBytes;
  /** Gone once it is closed, as a closed session may be around for a while. */
  #decoder: ChunkDecoder | undefined;
  #handshake: ServerHandshake | undefined;
  /** What the peer's bytes behind its handshake are decrypted with. */
  #cipher: Rc4 | undefined;
  #state: "open" | "stopped" | "closed" = "open";
  #running = false;
  /** Effort that messages may still cost; see {@link messageEffort}. Below 0 it is owed. */
  #allowance = Infinity;
  /** The rest of an aggregate in which it had to stop, and the bytes that are kept of it. */
  #aggregate: AggregateCursor | undefined;
  #aggregateBytes = 0;
  readonly #budget: AssemblyAccount;

  /**
   * `handshake` is left out where there is none to come. `budget` is charged for memory.
   *
   * @throws {UsageError} if there are too few random bytes for the handshake
   */
  constructor(
    handshake: ServerHandshakeOptions | undefined,
    limits: Partial<ChunkDecoderLimits>,
    handler: InboundHandler,
    budget: AssemblyAccount = new AssemblyBudget(),
  ) {
    this.#handler = handler;
    this.#handshake = handshake && new ServerHandshake(handshake);
    this.#budget = budget;
    this.#held = new HeldBytes(budget);
    // Whoever keeps a payload copies it: the hub to its GOP cache, commands by decoding them.
    this.#decoder = new ChunkDecoder(
      { ...limits, lendPayloads: true, passShortAbort: true },
      budget,
    );
  }

  /** Takes a message of the decoder. Returns whether more may be read. */
  onMessage(
    type: number,
    messageStreamId: number,
    timestamp: number,
    payload: Uint8Array,
  ): boolean {
    if (type === MessageType.Aggregate) {
      this.#aggregate = new AggregateCursor(payload, timestamp, messageStreamId);
      this.#allowance -= 1;
      return this.#readAggregate();
    }
    this.#allowance -= messageEffort(type, payload);
    this.#handler.onMessage(type, messageStreamId, timestamp, payload);
    return this.#mayGoOn();
  }

  /**
   * Hands out what is left of an aggregate. It carries media and data; whatever else is in it is not
   * acted upon. Returns whether more may be read behind it.
   */
  #readAggregate(): boolean {
    const aggregate = this.#aggregate!;
    const { messageStreamId } = aggregate;
    while (this.#mayGoOn()) {
      if (!aggregate.next()) {
        this.#dropAggregate();
        return true;
      }
      const { type, timestamp, payload } = aggregate;
      this.#allowance -= messageEffort(type, payload);
      switch (type) {
        case MessageType.Audio:
        case MessageType.Video:
        case MessageType.DataAmf0:
        case MessageType.DataAmf3:
          this.#handler.onMessage(type, messageStreamId, timestamp, payload);
      }
      if (aggregate.left === 0) {
        this.#dropAggregate();
        return this.#mayGoOn();
      }
    }
    if (this.#closed) this.#dropAggregate();
    else if (this.#aggregateBytes === 0) {
      // It was lent.
      this.#budget.take(aggregate.left);
      this.#aggregateBytes = aggregate.left;
      aggregate.keep();
    }
    return false;
  }

  #dropAggregate(): void {
    this.#aggregate = undefined;
    this.#budget.give(this.#aggregateBytes);
    this.#aggregateBytes = 0;
  }

  /** Whether another message may be read, for which more effort may have to be allowed. */
  #mayGoOn(): boolean {
    if (this.#state !== "open") return false;
    if (this.#allowance <= 0) {
      this.#allowance += this.#handler.onSpent?.(0 - this.#allowance) ?? 0;
    }
    return this.#allowance > 0;
  }

  /** Changes limits; see {@link ChunkDecoder.setLimits}. */
  setLimits(limits: Partial<ChunkDecoderLimits>): void {
    this.#decoder?.setLimits(limits);
  }

  /** Effort that messages may still cost, `Infinity` if nobody ever said; below 0 it is owed. */
  get allowance(): number {
    return this.#allowance;
  }

  /** Lets messages cost `effort` from now on; {@link resume} reads on with what was kept. */
  allow(effort: number): void {
    this.#allowance = effort;
  }

  /** The message that is being taken costs so much more than it would by itself. */
  charge(effort: number): void {
    this.#allowance -= effort;
  }

  /**
   * Takes bytes from the peer, which may be cut anywhere and may be reused afterwards.
   *
   * @throws {ProtocolError} when the peer broke the protocol; nothing may follow then
   */
  receive(input: Uint8Array): void {
    let bytes = this.#cipher === undefined ? input : decrypted(this.#cipher, input);
    let offset = 0;
    if (this.#held.length === 0 && this.#mayGoOn()) {
      const wasPlain = this.#cipher === undefined;
      offset = this.#run(bytes);
      if (wasPlain && this.#cipher !== undefined) {
        bytes = decrypted(this.#cipher, bytes.subarray(offset));
        offset = this.#mayGoOn() ? this.#run(bytes) : 0;
      }
    }
    if (offset < bytes.length && !this.#closed) this.#held.push(bytes.subarray(offset));
  }

  /** Reads as far as it may, and not beyond a handshake with encryption behind it. Returns up to where. */
  #run(input: Uint8Array): number {
    let offset = 0;
    this.#running = true;
    try {
      if (this.#handshake !== undefined) {
        const handshake = this.#handshake;
        offset = handshake.receive(input, 0, (bytes) => {
          const { ciphers } = handshake;
          if (ciphers !== undefined) this.#handler.onEncrypted?.(ciphers.outbound, bytes.length);
          this.#handler.send(bytes);
        });
        if (handshake.done) {
          this.#handshake = undefined;
          this.#cipher = handshake.ciphers?.inbound;
          this.#handler.onHandshake();
          if (this.#cipher !== undefined) return offset;
        }
      }
      if (this.#aggregate !== undefined && !this.#readAggregate()) return offset;
      while (offset < input.length && this.#state === "open" && this.#allowance > 0) {
        offset = this.#decoder!.decode(input, offset, this);
      }
    } finally {
      this.#running = false;
    }
    return offset;
  }

  get #closed(): boolean {
    return this.#state === "closed";
  }

  /** Hands out no message after the current one until {@link resume}. */
  stop(): void {
    if (this.#state === "open") this.#state = "stopped";
  }

  /**
   * Goes on behind {@link stop} or {@link allow}, at once with what was kept.
   *
   * @throws {ProtocolError} as {@link receive}
   */
  resume(): void {
    if (this.#state === "stopped") this.#state = "open";
    if (this.#running || !this.#mayGoOn()) return;
    if (this.#held.length === 0 && this.#aggregate === undefined) return;
    const wasPlain = this.#cipher === undefined;
    const read = this.#run(this.#held.length === 0 ? NO_BYTES : this.#held.bytes);
    if (this.#closed) return;
    this.#held.drop(read);
    if (!wasPlain || this.#cipher === undefined) return;
    this.#cipher.apply(this.#held.bytes, this.#held.bytes);
    this.resume();
  }

  /** Hands out no message any more, and gives its memory back. */
  close(): void {
    if (this.#closed) return;
    this.#state = "closed";
    this.#held.clear();
    if (!this.#running) this.#dropAggregate();
    this.#decoder?.release();
    this.#decoder = undefined;
  }
}

/** A copy: who handed the bytes in may use them again. */
function decrypted(cipher: Rc4, bytes: Uint8Array): Uint8Array {
  const plain = new Uint8Array(bytes.length);
  cipher.apply(bytes, plain);
  return plain;
}
