/**
 * The way in of a session: handshake, then chunks, then messages. It can be stopped behind any
 * message, and then keeps what arrives until it may go on.
 *
 * @module
 */
import { type AssemblyAccount, AssemblyBudget } from "../chunk/assembly_budget.ts";
import { ChunkDecoder, type MessageSink } from "../chunk/decoder.ts";
import type { ChunkDecoderLimits } from "../chunk/limits.ts";
import { ServerHandshake, type ServerHandshakeOptions } from "../handshake/server.ts";
import type { MessageTaker } from "./dispatcher.ts";
import { AggregateCursor } from "../message/aggregate.ts";
import { MessageType } from "../message/types.ts";
import { messageEffort } from "./effort.ts";
import { HeldBytes } from "./held_bytes.ts";

export { MAX_HELD_BYTES } from "./held_bytes.ts";

/** What happens on the way in. */
export interface InboundHandler {
  /** The answer to a handshake. */
  send(bytes: Uint8Array): void;
  /** The version of the client's hello (C0), which was answered with version 3. */
  onHello?(version: number): void;
  /** The handshake is complete. */
  onHandshake(): void;
  readonly onMessage: MessageTaker;
  /**
   * Messages have cost what they may, and `overdraft` more. Returns how much more they may cost at
   * once, nothing when it is 0.
   */
  readonly onSpent?: (overdraft: number) => number;
}

const NO_BYTES = new Uint8Array(0);

/** The way in of one session. */
export class Inbound {
  readonly #handler: InboundHandler;
  readonly #sink: MessageSink;
  readonly #held: HeldBytes;
  /** Gone once it is closed, as a closed session may be around for a while. */
  #decoder: ChunkDecoder | undefined;
  #handshake: ServerHandshake | undefined;
  #state: "open" | "stopped" | "closed" = "open";
  #running = false;
  /** Effort that messages may still cost; see {@link messageEffort}. Below 0 it is owed. */
  #allowance = Infinity;
  /** The rest of an aggregate in which it had to stop, and the bytes that are kept of it. */
  #aggregate: AggregateCursor | undefined;
  #aggregateBytes = 0;
  readonly #budget: AssemblyAccount;

  /**
   * `budget` is charged for memory.
   *
   * @throws {UsageError} if there are too few random bytes for the handshake
   */
  constructor(
    handshake: ServerHandshakeOptions,
    limits: Partial<ChunkDecoderLimits>,
    handler: InboundHandler,
    budget: AssemblyAccount = new AssemblyBudget(),
  ) {
    this.#handler = handler;
    this.#handshake = new ServerHandshake(handshake);
    this.#budget = budget;
    this.#held = new HeldBytes(budget);
    // Whoever keeps a payload copies it: the hub to its GOP cache, commands by decoding them.
    this.#decoder = new ChunkDecoder(
      { ...limits, lendPayloads: true, passShortAbort: true },
      budget,
    );
    this.#sink = {
      onMessage: (type, messageStreamId, timestamp, payload) => {
        if (type === MessageType.Aggregate) {
          this.#aggregate = new AggregateCursor(payload, timestamp, messageStreamId);
          this.#allowance -= 1;
          return this.#readAggregate();
        }
        this.#allowance -= messageEffort(type, payload);
        handler.onMessage(type, messageStreamId, timestamp, payload);
        return this.#mayGoOn();
      },
    };
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
    let offset = 0;
    if (this.#held.length === 0 && this.#mayGoOn()) offset = this.#run(input);
    if (offset < input.length && !this.#closed) this.#held.push(input.subarray(offset));
  }

  /** Reads as far as it may. Returns up to where that was. */
  #run(input: Uint8Array): number {
    let offset = 0;
    this.#running = true;
    try {
      if (this.#handshake !== undefined) {
        offset = this.#handshake.receive(input, 0, (bytes) => {
          this.#handler.send(bytes);
          this.#handler.onHello?.(this.#handshake!.peerVersion!);
        });
        if (this.#handshake.done) {
          this.#handshake = undefined;
          this.#handler.onHandshake();
        }
      }
      if (this.#aggregate !== undefined && !this.#readAggregate()) return offset;
      while (offset < input.length && this.#state === "open" && this.#allowance > 0) {
        offset = this.#decoder!.decode(input, offset, this.#sink);
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
    const read = this.#run(this.#held.length === 0 ? NO_BYTES : this.#held.bytes);
    if (!this.#closed) this.#held.drop(read);
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
