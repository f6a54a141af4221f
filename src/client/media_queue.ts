/**
 * Media that waits to be read: bounded by bytes, and with a say in whether more is taken.
 *
 * @module
 */
import { type MediaMessage, sizeOf } from "./media_message.ts";

/** What a queue tells whoever fills it. */
export interface MediaQueueOwner {
  /** It holds as much as it may: nothing more should be taken, until `onRoom`. */
  onFull(): void;
  /** Half of it has been read. */
  onRoom(): void;
  /** The reader wants no more. */
  onCancel(): void;
}

/**
 * The source of a `ReadableStream`, which must have a high-water mark of 0. What waits is read to
 * its last message before an end or an error shows.
 */
export class MediaQueue {
  readonly #owner: MediaQueueOwner;
  readonly #maxBytes: number;
  #waiting: MediaMessage[] = [];
  #next = 0;
  #bytes = 0;
  #full = false;
  #over: { readonly error?: unknown } | undefined;
  /** The controller of a reader that waits. */
  #wanted: { controller: ReadableStreamDefaultController<MediaMessage>; done(): void } | undefined;

  constructor(maxBytes: number, owner: MediaQueueOwner) {
    this.#maxBytes = maxBytes;
    this.#owner = owner;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a message. */
  push(message: MediaMessage): void {
    if (this.#over !== undefined) return;
    if (this.#wanted !== undefined) {
      this.#wanted.controller.enqueue(message);
      return this.#served();
    }
    this.#waiting.push(message);
    this.#bytes += sizeOf(message);
    if (this.#full || this.#bytes < this.#maxBytes) return;
    this.#full = true;
    this.#owner.onFull();
  }

  /** Nothing more comes; with an `error` the reader is told so, behind what waits. */
  end(error?: unknown): void {
    if (this.#over !== undefined) return;
    this.#over = error === undefined ? {} : { error };
    this.#free();
    if (this.#wanted === undefined) return;
    this.#finish(this.#wanted.controller);
    this.#served();
  }

  #served(): void {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    wanted?.done();
  }

  #finish(controller: ReadableStreamDefaultController<MediaMessage>): void {
    if (this.#over!.error === undefined) controller.close();
    else controller.error(this.#over!.error);
  }

  #free(): void {
    if (!this.#full) return;
    this.#full = false;
    this.#owner.onRoom();
  }

  /** The reader wants a message. */
  pull(controller: ReadableStreamDefaultController<MediaMessage>): void | Promise<void> {
    const message = this.#waiting[this.#next];
    if (message !== undefined) {
      this.#next++;
      if (this.#next > 64 && this.#next * 2 > this.#waiting.length) {
        this.#waiting = this.#waiting.slice(this.#next);
        this.#next = 0;
      }
      this.#bytes -= sizeOf(message);
      controller.enqueue(message);
      if (this.#bytes * 2 <= this.#maxBytes) this.#free();
    } else if (this.#over !== undefined) {
      this.#finish(controller);
    } else {
      return new Promise((done) => this.#wanted = { controller, done });
    }
  }

  /** The reader wants no more. */
  cancel(): void {
    const known = this.#over !== undefined;
    this.#over ??= {};
    this.#waiting = [];
    this.#bytes = this.#next = 0;
    this.#served();
    this.#free();
    if (!known) this.#owner.onCancel();
  }
}
