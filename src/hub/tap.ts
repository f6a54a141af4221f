/**
 * Frames of a stream for what is no player: a recorder, a packager, a relay. It takes them as they come,
 * in the turn in which they come, and is never waited for.
 *
 * @module
 */
import type { MediaFrame } from "./frame.ts";

/** Who takes frames. What it throws ends the tap, and nothing else. */
export interface FrameTap {
  /**
   * Whether it stands for people who watch, such as those of a playlist or of a recording: then the stream
   * counts as watched, and is kept for a publisher that was lost (`reconnect.windowMs`) as players are.
   */
  readonly stays?: boolean;
  /** Whether it wants nothing that is shown in place of a publisher that is away. */
  readonly ownOnly?: boolean;
  /**
   * A frame, in order: first the headers and the cached GOP. Its payload is lent: it is valid during the
   * call, whoever keeps it copies it and bounds what it keeps.
   */
  onFrame(frame: MediaFrame, now: number): void;
  /** Another publisher begins: what follows has nothing to do with what came before. */
  onPublish?(now: number): void;
  /**
   * The publisher is gone. Another may come, as long as the stream is there; `lost`: it is expected to,
   * as its connection broke off.
   */
  onUnpublish?(now: number, lost: boolean): void;
  /** It threw, and gets nothing any more. */
  onFault?(error: unknown): void;
}

/** The taps of one stream. */
export class Taps {
  readonly #taps = new Set<FrameTap>();

  /** How many there are. */
  get size(): number {
    return this.#taps.size;
  }

  /** Whether one of them stands for people who watch. */
  get stay(): boolean {
    for (const tap of this.#taps) if (tap.stays === true) return true;
    return false;
  }

  /** Adds one, which is handed `frames` first. @returns takes it away again */
  add(tap: FrameTap, frames: Iterable<MediaFrame>, now: number, isOwn = true): () => void {
    this.#taps.add(tap);
    if (isOwn || tap.ownOnly !== true) {
      for (const frame of frames) this.#tell(tap, () => tap.onFrame(frame, now));
    }
    return () => void this.#taps.delete(tap);
  }

  /** Hands a frame to all; `isOwn`: it is of the publisher, and of nothing that is shown in its place. */
  emit(frame: MediaFrame, now: number, isOwn = true): void {
    for (const tap of this.#taps) {
      if (!isOwn && tap.ownOnly === true) continue;
      try {
        tap.onFrame(frame, now);
      } catch (error) {
        this.#fault(tap, error);
      }
    }
  }

  /** Another publisher begins, or what is shown in its place. */
  published(now: number, isOwn = true): void {
    for (const tap of this.#taps) {
      if (isOwn || tap.ownOnly !== true) this.#tell(tap, () => tap.onPublish?.(now));
    }
  }

  /** The publisher is gone; `isReplaced`: something is shown in its place, so that only some are told. */
  unpublished(now: number, lost: boolean, isReplaced = false): void {
    for (const tap of this.#taps) {
      if (!isReplaced || tap.ownOnly === true) this.#tell(tap, () => tap.onUnpublish?.(now, lost));
    }
  }

  #tell(tap: FrameTap, what: () => void): void {
    if (!this.#taps.has(tap)) return;
    try {
      what();
    } catch (error) {
      this.#fault(tap, error);
    }
  }

  #fault(tap: FrameTap, error: unknown): void {
    this.#taps.delete(tap);
    try {
      tap.onFault?.(error);
    } catch {
      // Of what cannot even be told, nothing is left to tell.
    }
  }
}
