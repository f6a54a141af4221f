/**
 * What viewers of HLS have in common: a connection for playlists and one for media.
 *
 * @module
 */
import { now } from "../clock.ts";
import { Line } from "./http_line.ts";

/** A viewer with both connections. */
export abstract class LinePair {
  protected readonly lists: Line;
  protected readonly media: Line;
  /** Answers that were none. */
  errors = 0;
  /** From connecting to the first media (ms); `undefined` before. */
  joinMs: number | undefined;
  readonly #openedAt = now();

  constructor(port: number) {
    this.lists = new Line(port);
    this.media = new Line(port);
  }

  /** Media has come. */
  protected joined(): void {
    this.joinMs ??= now() - this.#openedAt;
  }

  /** Bytes of everything. */
  get bytes(): number {
    return this.lists.bytes + this.media.bytes;
  }

  get closed(): boolean {
    return this.lists.closed || this.media.closed;
  }

  /** That something was not answered as it should have been. */
  get refusal(): string | undefined {
    return this.errors === 0 ? undefined : `${this.errors} errors`;
  }

  pause(): void {
    this.lists.pause();
    this.media.pause();
  }

  resume(): void {
    this.lists.resume();
    this.media.resume();
  }

  close(): void {
    this.lists.close();
    this.media.close();
  }
}
