/**
 * The streams that a session has pushed media to in its turn, and that are let out at its end.
 *
 * @module
 */
import type { FanoutPacer, LiveStream } from "../../hub/mod.ts";

/** The streams pushed to since they were last let out. */
export class PushedStreams {
  #stream: LiveStream | undefined;
  /** Others, of the few clients that publish several. */
  #others: Set<LiveStream> | undefined;

  add(stream: LiveStream): void {
    if (this.#stream === stream) return;
    if (this.#stream === undefined) this.#stream = stream;
    else (this.#others ??= new Set()).add(stream);
  }

  letOut(pacer: FanoutPacer, now: number): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    const others = this.#others;
    this.#stream = this.#others = undefined;
    pacer.pushed(stream, now);
    if (others === undefined) return;
    for (const other of others) pacer.pushed(other, now);
  }
}
