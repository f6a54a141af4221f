/**
 * The way in of a session: handshake, then chunks, then messages. It can be stopped behind any
 * message, and then keeps what arrives until it may go on.
 *
 * @module
 */
import { ProtocolError } from "../../errors.ts";
import { ChunkDecoder, type MessageSink } from "../chunk/decoder.ts";
import type { ChunkDecoderLimits } from "../chunk/limits.ts";
import type { HandshakeOptions } from "../handshake/packet.ts";
import { ServerHandshake } from "../handshake/server.ts";
import type { MessageTaker } from "./dispatcher.ts";

/** Most bytes kept while it is stopped, should the transport not stop reading. */
export const MAX_HELD_BYTES = 1024 * 1024;

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
  readonly #decoder: ChunkDecoder;
  readonly #sink: MessageSink;
  #handshake: ServerHandshake | undefined;
  #state: "open" | "stopped" | "closed" = "open";
  #running = false;
  #held: Uint8Array[] = [];
  #heldBytes = 0;

  /** @throws {UsageError} if there are too few random bytes for the handshake */
  constructor(
    handshake: HandshakeOptions,
    limits: Partial<ChunkDecoderLimits>,
    handler: InboundHandler,
  ) {
    this.#handler = handler;
    this.#handshake = new ServerHandshake(handshake);
    // Whoever keeps a payload copies it: the hub to its GOP cache, commands by decoding them.
    this.#decoder = new ChunkDecoder({ ...limits, lendPayloads: true });
    this.#sink = {
      onMessage: (type, messageStreamId, timestamp, payload) => {
        handler.onMessage(type, messageStreamId, timestamp, payload);
        return this.#state === "open";
      },
    };
  }

  /** Changes limits; see {@link ChunkDecoder.setLimits}. */
  setLimits(limits: Partial<ChunkDecoderLimits>): void {
    this.#decoder.setLimits(limits);
  }

  /**
   * Takes bytes from the peer, which may be cut anywhere and may be reused afterwards.
   *
   * @throws {ProtocolError} when the peer broke the protocol; nothing may follow then
   */
  receive(input: Uint8Array): void {
    if (this.#state === "open") this.#run(input);
    else this.#hold(input);
  }

  #run(input: Uint8Array): void {
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
      while (offset < input.length && this.#state === "open") {
        offset = this.#decoder.decode(input, offset, this.#sink);
      }
    } finally {
      this.#running = false;
    }
    if (offset < input.length) this.#hold(input.subarray(offset));
  }

  #hold(bytes: Uint8Array): void {
    if (this.#state === "closed") return;
    this.#held.push(new Uint8Array(bytes));
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > MAX_HELD_BYTES) {
      throw new ProtocolError(
        "limit",
        `More than ${MAX_HELD_BYTES} bytes came while a request was being decided`,
      );
    }
  }

  /** Hands out no message after the current one until {@link resume}. */
  stop(): void {
    if (this.#state === "open") this.#state = "stopped";
  }

  /**
   * Goes on, at once with what was kept.
   *
   * @throws {ProtocolError} as {@link receive}
   */
  resume(): void {
    if (this.#state !== "stopped") return;
    this.#state = "open";
    if (this.#running) return;
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const bytes of held) this.receive(bytes);
  }

  /** Hands out no message any more. */
  close(): void {
    this.#state = "closed";
    this.#held = [];
  }
}
