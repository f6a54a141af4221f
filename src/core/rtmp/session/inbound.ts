/**
 * The way in of a session: handshake, then chunks, then messages. It can be stopped behind any
 * message, and then keeps what arrives until it may go on.
 *
 * @module
 */
import { AssemblyBudget } from "../chunk/assembly_budget.ts";
import { ChunkDecoder, type MessageSink } from "../chunk/decoder.ts";
import type { ChunkDecoderLimits } from "../chunk/limits.ts";
import type { HandshakeOptions } from "../handshake/packet.ts";
import { ServerHandshake } from "../handshake/server.ts";
import type { MessageTaker } from "./dispatcher.ts";
import { messageEffort } from "./effort.ts";
import { HeldBytes } from "./held_bytes.ts";

export { MAX_HELD_BYTES } from "./held_bytes.ts";

/** What happens on the way in. */
export interface InboundHandler {
  /** The answer to a handshake. */
  send(bytes: Uint8Array): void;
  /** The handshake is complete. */
  onHandshake(): void;
  readonly onMessage: MessageTaker;
}

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
  /** Effort that messages may still cost; see {@link messageEffort}. */
  #allowance = Infinity;

  /**
   * `budget` is charged for memory.
   *
   * @throws {UsageError} if there are too few random bytes for the handshake
   */
  constructor(
    handshake: HandshakeOptions,
    limits: Partial<ChunkDecoderLimits>,
    handler: InboundHandler,
    budget: AssemblyBudget = new AssemblyBudget(),
  ) {
    this.#handler = handler;
    this.#handshake = new ServerHandshake(handshake);
    this.#held = new HeldBytes(budget);
    // Whoever keeps a payload copies it: the hub to its GOP cache, commands by decoding them.
    this.#decoder = new ChunkDecoder({ ...limits, lendPayloads: true }, budget);
    this.#sink = {
      onMessage: (type, messageStreamId, timestamp, payload) => {
        this.#allowance -= messageEffort(type, payload.length);
        handler.onMessage(type, messageStreamId, timestamp, payload);
        return this.#state === "open" && this.#allowance > 0;
      },
    };
  }

  /** Whether messages have cost as much as they may, until more is allowed. */
  get exhausted(): boolean {
    return this.#allowance <= 0;
  }

  /** Changes limits; see {@link ChunkDecoder.setLimits}. */
  setLimits(limits: Partial<ChunkDecoderLimits>): void {
    this.#decoder?.setLimits(limits);
  }

  /** Lets messages cost `effort` from now on; {@link resume} reads on with what was kept. */
  allow(effort: number): void {
    this.#allowance = effort;
  }

  /**
   * Takes bytes from the peer, which may be cut anywhere and may be reused afterwards.
   *
   * @throws {ProtocolError} when the peer broke the protocol; nothing may follow then
   */
  receive(input: Uint8Array): void {
    let offset = 0;
    if (this.#state === "open" && !this.exhausted && this.#held.length === 0) {
      offset = this.#run(input);
    }
    if (offset < input.length && !this.#closed) this.#held.push(input.subarray(offset));
  }

  /** Reads as far as it may. Returns up to where that was. */
  #run(input: Uint8Array): number {
    let offset = 0;
    this.#running = true;
    try {
      if (this.#handshake !== undefined) {
        offset = this.#handshake.receive(input, 0, (bytes) => this.#handler.send(bytes));
        if (this.#handshake.done) {
          this.#handshake = undefined;
          this.#handler.onHandshake();
        }
      }
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
    if (this.#state === "closed" || this.#running || this.exhausted) return;
    if (this.#held.length === 0) return;
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
  }
}
