/**
 * Many connections that say nothing, as of a scanner or an attacker.
 *
 * @module
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { within } from "./deadline.ts";

/** Sockets that say nothing, until they are closed. Use them with `await using`. */
export class SilentSockets implements AsyncDisposable {
  readonly sockets: Socket[] = [];
  readonly #port: number;
  /** How many are closed, by whichever side. */
  closed = 0;
  /** The longest that one was open (ms). */
  longestMs = 0;
  #wake = () => {};

  constructor(port: number) {
    this.#port = port;
  }

  /** Connects `count` more, and resolves when the kernel has taken them all. */
  async open(count: number): Promise<void> {
    const ready: Promise<unknown>[] = [];
    for (let index = 0; index < count; index++) {
      const socket = connect({ host: "127.0.0.1", port: this.#port });
      socket.on("error", () => {});
      socket.on("data", () => {});
      let openedAt = performance.now();
      socket.on("connect", () => openedAt = performance.now());
      socket.on("close", () => {
        this.longestMs = Math.max(this.longestMs, performance.now() - openedAt);
        this.closed++;
        this.#wake();
      });
      this.sockets.push(socket);
      ready.push(Promise.race([once(socket, "connect"), once(socket, "close")]).catch(() => {}));
    }
    await Promise.all(ready);
  }

  /** Resolves when the server has closed this many. */
  async closedBy(count: number, ms?: number): Promise<void> {
    const enough = (async () => {
      while (this.closed < count) await new Promise<void>((resolve) => this.#wake = resolve);
    })();
    await within(enough, `${count} of ${this.sockets.length} closed`, ms, () => `${this.closed}`);
  }

  /** Closes all that are left. */
  end(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
    await this.closedBy(this.sockets.length);
  }
}
