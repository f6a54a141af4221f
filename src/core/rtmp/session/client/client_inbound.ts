/**
 * The way in of a client session: handshake, then chunks, then messages. It can be stopped behind
 * any message, and then keeps what arrives until it may go on.
 *
 * @module
 */
import { AssemblyBudget } from "../../chunk/assembly_budget.ts";
import { ChunkDecoder, type MessageSink } from "../../chunk/decoder.ts";
import type { ChunkDecoderLimits } from "../../chunk/limits.ts";
import { ClientHandshake, type ClientHandshakeOptions } from "../../handshake/client.ts";
import { HeldBytes } from "../held_bytes.ts";

/** What happens on the way in. */
export interface ClientInboundHandler {
  /** Our part of the handshake. */
  send(bytes: Uint8Array): void;
  /** The handshake is complete. */
  onHandshake(): void;
  /** One message; see `MessageSink`. */
  onMessage(type: number, messageStreamId: number, timestamp: number, payload: Uint8Array): void;
}

/** The way in of one session. */
export class ClientInbound {
  readonly #handler: ClientInboundHandler;
  readonly #sink: MessageSink;
  readonly #held: HeldBytes;
  readonly #send = (bytes: Uint8Array): void => this.#handler.send(bytes);
  #decoder: ChunkDecoder | undefined;
  #handshake: ClientHandshake | undefined;
  #state: "open" | "stopped" | "closed" = "open";
  #running = false;

  /**
   * `budget` is charged for memory.
   *
   * @throws {UsageError} if there are too few random bytes for the handshake
   */
  constructor(
    handshake: ClientHandshakeOptions,
    limits: Partial<ChunkDecoderLimits>,
    handler: ClientInboundHandler,
    budget: AssemblyBudget = new AssemblyBudget(),
  ) {
    this.#handler = handler;
    this.#handshake = new ClientHandshake(handshake);
    this.#held = new HeldBytes(budget);
    this.#decoder = new ChunkDecoder(limits, budget);
    this.#sink = {
      onMessage: (type, messageStreamId, timestamp, payload) => {
        handler.onMessage(type, messageStreamId, timestamp, payload);
        return this.#state === "open";
      },
    };
  }

  /** Bytes that wait until it may go on. */
  get held(): number {
    return this.#held.length;
  }

  /** Sends C0 and C1. */
  start(): void {
    this.#handshake?.start(this.#send);
  }

  /** Changes limits; see {@link ChunkDecoder.setLimits}. */
  setLimits(limits: Partial<ChunkDecoderLimits>): void {
    this.#decoder?.setLimits(limits);
  }

  /**
   * Takes bytes from the server, which may be cut anywhere and may be reused afterwards.
   *
   * @throws {ProtocolError} when the server broke the protocol; nothing may follow then
   */
  receive(input: Uint8Array): void {
    const read = this.#state === "open" && this.#held.length === 0 ? this.#run(input) : 0;
    if (read < input.length && !this.#closed) this.#held.push(input.subarray(read));
  }

  /** Reads as far as it may. Returns up to where that was. */
  #run(input: Uint8Array): number {
    let offset = 0;
    this.#running = true;
    try {
      if (this.#handshake !== undefined) {
        offset = this.#handshake.receive(input, 0, this.#send);
        if (!this.#handshake.done) return offset;
        this.#handshake = undefined;
        this.#handler.onHandshake();
      }
      while (offset < input.length && this.#state === "open") {
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
   * Goes on behind {@link stop}, at once with what was kept.
   *
   * @throws {ProtocolError} as {@link receive}
   */
  resume(): void {
    if (this.#state === "stopped") this.#state = "open";
    if (this.#closed || this.#running || this.#held.length === 0) return;
    const read = this.#run(this.#held.bytes);
    if (!this.#closed) this.#held.drop(read);
  }

  /** Hands out no message any more, and gives its memory back. */
  close(): void {
    if (this.#closed) return;
    this.#state = "closed";
    this.#held.clear();
    this.#decoder?.release();
    this.#decoder = undefined;
    this.#handshake = undefined;
  }
}
