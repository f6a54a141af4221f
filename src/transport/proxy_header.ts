/**
 * Reads the header of the PROXY protocol from sockets of `node:net`, ahead of TLS and HTTP.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { Proxies } from "../ports.ts";
import { namePeer, peerOf } from "./peer_of.ts";

/** A socket from a balancer, until its header is whole. */
export class ProxyReception {
  /** Whether anything has come. */
  spoke = false;
  readonly #socket: Socket;
  readonly #proxies: Proxies;
  readonly #onGone: () => void;
  readonly #stop: () => void;

  /** `onClient`: it is known who is there, and what comes next is still to be read. */
  constructor(socket: Socket, proxies: Proxies, onClient: () => void, onGone: () => void) {
    this.#socket = socket;
    this.#proxies = proxies;
    this.#onGone = onGone;
    const reader = proxies.reader();
    const onData = (bytes: Uint8Array) => {
      this.spoke = true;
      const progress = reader.read(bytes);
      if (progress.kind === "more") return;
      if (progress.kind === "wrong") return this.#refuse(progress.why);
      this.#stop();
      socket.pause();
      if (progress.client !== undefined) namePeer(socket, progress.client);
      if (progress.rest.length > 0) socket.unshift(progress.rest);
      onClient();
      // Whoever listens now is told the rest.
      if (!socket.destroyed) socket.resume();
    };
    const timer = setTimeout(() => this.#refuse("its PROXY header is late"), proxies.headerMs);
    this.#stop = () => {
      clearTimeout(timer);
      socket.off("data", onData).off("close", this.#onLost).off("end", this.#onLost);
    };
    socket.on("error", () => {});
    socket.on("close", this.#onLost).on("end", this.#onLost).on("data", onData);
  }

  /** Closes the socket. */
  destroy(): void {
    this.#stop();
    this.#socket.destroy();
    this.#onGone();
  }

  readonly #onLost = (): void => this.destroy();

  #refuse(why: string): void {
    this.#proxies.onWrong(peerOf(this.#socket), why);
    this.destroy();
  }
}
