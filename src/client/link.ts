/**
 * What goes out on the connection of a client: one write at a time, and what waits behind it.
 *
 * @module
 */
import type { Connection } from "../ports.ts";

/** Replies that may wait because the server takes nothing (bytes): it asked for them. */
export const MAX_WAITING_REPLIES = 256 * 1024;

/** The way out of a client. */
export class Link {
  readonly #connection: Connection;
  readonly #onOverflow: () => void;
  readonly #waiting: { readonly bytes: Uint8Array; readonly reply: boolean }[] = [];
  /** Whether a write is in flight. */
  #busy = false;
  #replyBytes = 0;
  #sendsMedia = false;
  #ending = false;
  #closed = false;
  #onRoom: (() => void)[] = [];

  /** `onOverflow` is called when the server asks for more than it takes. */
  constructor(connection: Connection, onOverflow: () => void) {
    this.#connection = connection;
    this.#onOverflow = onOverflow;
  }

  /** Sends `bytes`, in their turn. */
  send(bytes: Uint8Array): void {
    if (this.#closed || this.#ending) return;
    if (!this.#busy) {
      this.#busy = !this.#connection.write(bytes);
      return;
    }
    const reply = !this.#sendsMedia;
    if (reply) {
      this.#replyBytes += bytes.length;
      if (this.#replyBytes > MAX_WAITING_REPLIES) return this.#onOverflow();
    }
    this.#waiting.push({ bytes, reply });
  }

  /**
   * Does `send`, which sends media: whoever does that waits for the promise before it sends more, and
   * so bounds what waits. `undefined` when everything is taken already.
   */
  sendMedia(send: () => void): Promise<void> | undefined {
    this.#sendsMedia = true;
    try {
      send();
    } finally {
      this.#sendsMedia = false;
    }
    return this.#busy && !this.#closed
      ? new Promise((resolve) => this.#onRoom.push(resolve))
      : undefined;
  }

  /** The write in flight was taken. */
  onWritable(): void {
    this.#busy = false;
    while (!this.#busy && this.#waiting.length > 0) {
      const { bytes, reply } = this.#waiting.shift()!;
      if (reply) this.#replyBytes -= bytes.length;
      this.#busy = !this.#connection.write(bytes);
    }
    if (this.#busy) return;
    this.#tell();
    if (this.#ending) this.#connection.end();
  }

  #tell(): void {
    for (const resolve of this.#onRoom.splice(0)) resolve();
  }

  /** Closes behind what waits. */
  end(): void {
    if (this.#ending || this.#closed) return;
    this.#ending = true;
    if (!this.#busy) this.#connection.end();
  }

  /** Closes at once. */
  destroy(): void {
    this.#closed = true;
    this.#connection.destroy();
    this.close();
  }

  /** The connection is gone. */
  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
    this.#tell();
  }
}
