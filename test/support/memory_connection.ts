/**
 * A connection without a socket, whose peer reads as fast or as slowly as a test wants. It holds
 * its user to the contract of `Connection`.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Address, Connection, ConnectionHandler } from "../../src/ports.ts";

/** One end, as the server has it; the test plays the peer and the kernel. */
export class MemoryConnection implements Connection {
  readonly remote: Address = { hostname: "192.0.2.1", port: 4000 };
  readonly local: Address = { hostname: "192.0.2.2", port: 1935 };
  bytesWritten = 0;
  paused = false;
  /** Whether the server asked to close, and how: `end` lets the write in flight go first. */
  closing: "end" | "destroy" | undefined;
  /** Whether the handler was told that the connection is gone. */
  closed = false;
  /** Writes that the server made, and of how many bytes each. */
  readonly writes: number[] = [];
  /** Bytes the kernel still takes; a write beyond that is in flight. */
  room = Infinity;
  readonly #read: (bytes: Uint8Array) => void;
  #handler: ConnectionHandler | undefined;
  #inFlight: Uint8Array | undefined;
  readonly #undelivered: Uint8Array[] = [];

  /** `read` is the peer: it is handed every byte that was taken. */
  constructor(read: (bytes: Uint8Array) => void = () => {}) {
    this.#read = read;
  }

  // The server's side

  start(handler: ConnectionHandler): void {
    assert.equal(this.#handler, undefined, "start is called once");
    this.#handler = handler;
  }

  write(bytes: Uint8Array): boolean {
    assert.ok(this.#handler, "start comes before write");
    assert.equal(this.#inFlight, undefined, "one write is in flight at most");
    assert.equal(this.closing, undefined, "nothing is written once the connection closes");
    if (this.closed) return true;
    this.writes.push(bytes.length);
    const taken = this.#take(bytes);
    if (taken === bytes.length) return true;
    this.#inFlight = bytes.subarray(taken);
    return false;
  }

  #take(bytes: Uint8Array): number {
    const count = Math.min(this.room, bytes.length);
    this.room -= count;
    this.bytesWritten += count;
    // A copy, as the kernel makes one.
    if (count > 0) this.#read(bytes.slice(0, count));
    return count;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    while (!this.paused && !this.closed && this.#undelivered.length > 0) {
      this.#handler!.onData(this.#undelivered.shift()!);
    }
  }

  end(): void {
    assert.equal(this.closing, undefined, "end is called once, and not behind destroy");
    this.closing = "end";
    if (this.#inFlight === undefined) this.#close();
  }

  destroy(): void {
    this.closing = "destroy";
    this.#inFlight = undefined;
    this.#close();
  }

  #close(): void {
    if (this.closed) return;
    this.closed = true;
    // Never inside the caller's own call.
    queueMicrotask(() => this.#handler?.onClose());
  }

  // The peer's side, and the kernel's

  /** Bytes from the peer; kept while the server does not read. */
  deliver(bytes: Uint8Array): void {
    if (this.closed) return;
    if (this.paused) this.#undelivered.push(bytes.slice());
    else this.#handler!.onData(bytes);
  }

  /** Whether a write is in flight. */
  get busy(): boolean {
    return this.#inFlight !== undefined;
  }

  /** Makes room for `bytes` more; what is in flight goes on. */
  drain(bytes = Infinity): void {
    this.room = (bytes === Infinity ? 0 : this.room) + bytes;
    while (this.#inFlight !== undefined && this.room > 0) {
      const rest = this.#inFlight.subarray(this.#take(this.#inFlight));
      this.#inFlight = rest.length === 0 ? undefined : rest;
      if (this.#inFlight !== undefined) return;
      if (this.closing === "end") return this.#close();
      this.#handler!.onWritable();
    }
  }

  /** The peer reads nothing any more. */
  block(): void {
    this.room = 0;
  }

  /** The peer is gone. */
  hangUp(): void {
    this.#inFlight = undefined;
    this.#close();
  }
}
