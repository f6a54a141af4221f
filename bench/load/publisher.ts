/**
 * A publisher, and the loop that lets many of them send when it is time.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { joined } from "../../src/core/bytes/join.ts";
import type { ClientStream, ServerRefusal } from "../../src/core/rtmp/session/client/mod.ts";
import { nap, now } from "../clock.ts";
import { LoadClient, type Target } from "./client.ts";
import { Media, type MediaShape } from "./media.ts";

/** A publisher of one stream. */
export class Publisher extends LoadClient {
  /** Resolves once it may send; rejects when it may not. */
  readonly ready: Promise<void>;
  /** Bytes that a player of this stream should have had so far, at the least. */
  leastBytes = 0;
  readonly #stream: string;
  readonly #shape: MediaShape;
  #media: Media | undefined;
  #onReady: () => void = () => {};
  #onRefused: (error: Error) => void = () => {};

  constructor(target: Target, stream: string, shape: MediaShape) {
    super(target);
    this.#stream = stream;
    this.#shape = shape;
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = resolve;
      this.#onRefused = reject;
    });
  }

  /** Bytes of media and commands that the kernel took so far. */
  get sentBytes(): number {
    return this.socket.bytesWritten - this.socket.writableLength;
  }

  /** Bytes that wait because the server does not take them. */
  get waitingBytes(): number {
    return this.socket.writableLength;
  }

  /** When its next frame is due, after its first (ms). */
  get nextDue(): number {
    return this.closed ? Infinity : this.#media!.nextDue;
  }

  /** Sends the next frame. */
  sendNext(): void {
    const { messages, leastBytes } = this.#media!.next();
    // In one write, as most encoders do with what is ready.
    this.socket.write(joined(messages));
    this.leastBytes += leastBytes;
  }

  override onCreated(stream: ClientStream): void {
    this.session!.publish(stream, this.#stream);
  }

  override onStarted({ id }: ClientStream): void {
    this.#media = new Media(this.#shape, id);
    this.socket.write(this.#media.start());
    this.#onReady();
  }

  override onRefused(stream: ClientStream | undefined, refusal: ServerRefusal): void {
    super.onRefused(stream, refusal);
    this.#onRefused(new Error(`Publishing ${this.#stream}: ${refusal.code}`));
  }

  protected override onClose(): void {
    const why = this.refusal ?? "the server closed the connection";
    this.#onRefused(new Error(`Publishing ${this.#stream}: ${why}`));
  }
}

/** What timers can tell apart (ms). */
const TIMER_MS = 1;

/** Lets publishers send by the clock, whether or not the server keeps up. */
export class Pacer {
  readonly #publishers: readonly Publisher[];
  readonly #start = now();
  /** Time between two publishers (ms): real ones do not send all at once. */
  readonly #stagger: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(publishers: readonly Publisher[], fps: number) {
    this.#publishers = publishers;
    this.#stagger = 1000 / fps / publishers.length;
    this.#run();
  }

  /** No more frames. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  readonly #run = (): void => {
    let next = Infinity;
    for (const [index, publisher] of this.#publishers.entries()) {
      const start = this.#start + index * this.#stagger;
      while (start + publisher.nextDue <= now()) publisher.sendNext();
      next = Math.min(next, start + publisher.nextDue);
    }
    if (next === Infinity) return; // Nobody is left.
    const wait = next - now();
    if (wait >= TIMER_MS) this.#timer = setTimeout(this.#run, wait);
    // Timers would make those that are due within the same millisecond send at once, and a server
    // reads what comes at once more cheaply than what comes by and by.
    else setImmediate(() => this.#napUntil(next));
  };

  #napUntil(due: number): void {
    if (this.#stopped) return;
    nap(due - now());
    this.#run();
  }
}
