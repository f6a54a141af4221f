/**
 * Whether the terminal that the program was started on is still there.
 *
 * @module
 */
import { isatty } from "node:tty";

const STANDARD_STREAMS = [0, 1, 2] as const;

/** The terminal of the program's standard streams, if they had one when this was made. */
export class Terminal {
  readonly #streams = STANDARD_STREAMS.filter((descriptor) => isatty(descriptor));

  /**
   * Whether it was closed: what is left of one answers no question that a terminal does. A program without
   * a terminal has lost none.
   */
  get isGone(): boolean {
    return this.#streams.length > 0 && !this.#streams.some((descriptor) => isatty(descriptor));
  }
}
