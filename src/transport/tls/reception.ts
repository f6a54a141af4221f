/**
 * Where sockets are received that have not shown yet what they speak: by their first byte, through TLS
 * where it is that, and by the first byte in there.
 *
 * @module
 */
import type { Socket } from "node:net";
import { passPeer } from "../peer_of.ts";
import { handshakes } from "./handshake_gate.ts";
import { kindOf } from "./first_byte.ts";
import type { SecureServer } from "./secure_server.ts";

/** What is made of what comes without TLS, or in it. */
type Way = "rtmp" | "http" | "tell" | "refuse";

/** What may come. */
export interface ReceptionOptions {
  /** Without it TLS is refused. */
  readonly tls?: SecureServer | undefined;
  /** What comes without TLS. */
  readonly plain: Way;
  /** What comes in TLS. */
  readonly inside: Way;
  /** Longest time until it is known what a socket speaks, its TLS handshake included (ms). */
  readonly limitMs: number;
}

/** Somebody who is received. */
export interface Received {
  onRtmp(socket: Socket, secure: boolean): void;
  onHttp(socket: Socket, secure: boolean): void;
  /** It is gone. */
  onGone(): void;
}

/** One socket, until it is known what it speaks. */
export class Reception {
  /** Whether anything has come. */
  spoke = false;
  #socket: Socket;
  readonly #options: ReceptionOptions;
  readonly #received: Received;
  readonly #timer: ReturnType<typeof setTimeout>;
  #forget = () => {};
  #open = true;

  constructor(socket: Socket, options: ReceptionOptions, received: Received) {
    this.#socket = socket;
    this.#options = options;
    this.#received = received;
    this.#timer = setTimeout(() => this.destroy(), options.limitMs);
    this.#watch(socket);
    this.#listen((first) => {
      this.spoke = true;
      const kind = kindOf(first);
      if (kind === "tls" && options.tls !== undefined) this.#shakeHands(options.tls);
      else this.#settle(options.plain, kind, false);
    });
  }

  /** Closes the socket. */
  destroy(): void {
    if (!this.#open) return;
    this.#leave();
    this.#socket.destroy();
    this.#received.onGone();
  }

  /** Nothing more happens here. */
  #leave(): void {
    this.#open = false;
    clearTimeout(this.#timer);
    this.#forget();
    this.#socket.off("close", this.#onLost).off("end", this.#onLost);
  }

  #watch(socket: Socket): void {
    // Whoever has the socket later hears of its end as "close".
    socket.on("error", () => {});
    socket.on("close", this.#onLost).on("end", this.#onLost);
  }

  readonly #onLost = (): void => this.destroy();

  /** Tells the first byte, which is still to be read then. */
  #listen(tell: (first: number) => void): void {
    const socket = this.#socket;
    const onData = (bytes: Uint8Array) => {
      socket.off("data", onData);
      if (!this.#open) return;
      socket.pause();
      socket.unshift(bytes);
      tell(bytes[0]!);
    };
    socket.on("data", onData);
  }

  #shakeHands(tls: SecureServer): void {
    this.#forget = handshakes.enter(() => {
      const raw = this.#socket;
      this.#forget = tls.begin(raw, {
        onSecure: (socket) => {
          if (!this.#open) return void socket.destroy();
          this.#forget = () => {};
          raw.off("close", this.#onLost).off("end", this.#onLost);
          passPeer(raw, socket);
          this.#socket = socket;
          this.#watch(socket);
          const { inside } = this.#options;
          if (inside !== "tell") this.#settle(inside, "tls", true);
          else this.#listen((first) => this.#settle(inside, kindOf(first), true));
        },
        onFailed: () => this.destroy(),
      });
    });
  }

  /** It is known what comes. */
  #settle(way: Way, kind: ReturnType<typeof kindOf>, secure: boolean): void {
    const spoken = way === "tell" ? kind : way;
    if (spoken === "refuse" || spoken === "tls") return this.destroy();
    this.#leave();
    if (spoken === "http") this.#received.onHttp(this.#socket, secure);
    else this.#received.onRtmp(this.#socket, secure);
  }
}
