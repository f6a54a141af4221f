/**
 * What a publisher sends while something else is still shown in its place: kept until the first key frame, at
 * which viewers go over to it.
 *
 * @module
 */
import { audioFlags, MediaFlag, videoFlags } from "../core/media/mod.ts";
import { FrameKind } from "./frame.ts";

/** How long sound without any picture is taken for one that pictures are to come to (ms). */
export const SOUND_ALONE_MS = 1000;
/** How long pictures without a key frame are waited for (ms): the encoder may never send any. */
export const KEY_START_MS = 10_000;
/** Most headers that are kept; with more, or more bytes, it begins at once. */
const MAX_HELD = 64;
/** See {@link MAX_HELD}. */
const MAX_HELD_BYTES = 128 * 1024;

/** A message that was kept. */
interface Held {
  readonly kind: number;
  readonly timestamp: number;
  readonly payload: Uint8Array;
}

/** Who takes what was kept. */
export interface HeldSink {
  push(kind: number, timestamp: number, payload: Uint8Array, now: number): void;
  setData(handler: string, timestamp: number, payload: Uint8Array, now: number): void;
}

/** Waits for the first key frame of a publisher. */
export class KeyStart {
  readonly #headers: Held[] = [];
  readonly #data = new Map<string, Held>();
  #bytes = 0;
  #since: number | undefined;
  #sawVideo = false;

  /** Takes one audio, video or data message. @returns whether it begins with this one, which is not kept */
  take(kind: number, timestamp: number, payload: Uint8Array, now: number): boolean {
    this.#since ??= now;
    const waited = now - this.#since;
    if (kind === FrameKind.Data || payload.length === 0) return false;
    const isVideo = kind === FrameKind.Video;
    this.#sawVideo ||= isVideo;
    const media = isVideo ? videoFlags(payload) : audioFlags(payload);
    if ((media & (MediaFlag.SequenceHeader | MediaFlag.Presentation)) !== 0) {
      return !this.#hold({ kind, timestamp, payload: payload.slice() });
    }
    if (waited >= KEY_START_MS) return true;
    if (isVideo) return (media & MediaFlag.Key) !== 0;
    return !this.#sawVideo && waited >= SOUND_ALONE_MS;
  }

  /** Keeps a data message that is for whoever joins. */
  setData(handler: string, timestamp: number, payload: Uint8Array): void {
    this.clearData(handler);
    if (this.#data.size >= MAX_HELD || this.#bytes + payload.length > MAX_HELD_BYTES) return;
    this.#bytes += payload.length;
    this.#data.set(handler, { kind: FrameKind.Data, timestamp, payload: payload.slice() });
  }

  /** Forgets one. */
  clearData(handler: string): void {
    this.#bytes -= this.#data.get(handler)?.payload.length ?? 0;
    this.#data.delete(handler);
  }

  #hold(header: Held): boolean {
    const { length } = header.payload;
    if (this.#headers.length >= MAX_HELD || this.#bytes + length > MAX_HELD_BYTES) return false;
    this.#bytes += length;
    this.#headers.push(header);
    return true;
  }

  /** Hands on what was kept, in order. */
  release(sink: HeldSink, now: number): void {
    for (const [handler, { timestamp, payload }] of this.#data) {
      sink.setData(handler, timestamp, payload, now);
    }
    for (const { kind, timestamp, payload } of this.#headers) {
      sink.push(kind, timestamp, payload, now);
    }
  }
}
