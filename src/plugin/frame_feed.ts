/**
 * The media of a stream for a plugin that takes its time: a bounded queue of copies, which skips to the
 * next key frame when it is full.
 *
 * @module
 */
import { FrameFlag, FrameKind, type FrameTap, type MediaFrame } from "../hub/mod.ts";

/** Bytes of media that may wait for a plugin, unless it asks for less. */
export const MAX_FEED_BYTES = 8 * 1024 * 1024;

/** What a frame that waits takes beside its payload, about. */
const FRAME_BYTES = 256;

function costOf({ payload }: PluginFrame): number {
  return payload.length + FRAME_BYTES;
}

/** One media message. */
export interface PluginFrame {
  /** Sound, a picture, or data such as metadata. */
  readonly kind: "audio" | "video" | "data";
  /** Milliseconds, modulo 2^32: the time that players see. */
  readonly timestamp: number;
  /** The body of an FLV tag [FLV §E.4]. It is the plugin's own. */
  readonly payload: Uint8Array;
  /** A decoder of video can start here. */
  readonly isKey: boolean;
  /** Configuration of a decoder, or metadata: the same is sent to every new player. */
  readonly isHeader: boolean;
  /** Frames were left out ahead of it: the plugin was too slow. */
  readonly afterGap: boolean;
}

const KINDS: ReadonlyMap<number, PluginFrame["kind"]> = new Map([
  [FrameKind.Audio, "audio"],
  [FrameKind.Video, "video"],
  [FrameKind.Data, "data"],
]);

/** What waits for a plugin. Iterate over it once; leaving the loop closes it. */
export interface FrameFeed extends AsyncIterable<PluginFrame> {
  /** Frames that were left out because the plugin was too slow. */
  readonly dropped: number;
  /** Takes no more, and forgets what waits. */
  close(): void;
}

/** The same, as it is filled. */
export class TappedFeed implements FrameFeed, FrameTap {
  readonly #maxBytes: number;
  readonly #count: (bytes: number) => void;
  #queue: PluginFrame[] = [];
  /** Those at the front of the queue that were read. */
  #read = 0;
  #bytes = 0;
  #dropped = 0;
  /** Waits for a key frame, or for anything where there are no pictures. */
  #skipping = false;
  #gap = false;
  #hasVideo = false;
  #over = false;
  #wake: (() => void) | undefined;
  #onClose: (() => void) | undefined;

  /** `count` is told of bytes that are taken and, negative, given back. */
  constructor(maxBytes: number, count: (bytes: number) => void) {
    this.#maxBytes = Math.min(Math.max(1, maxBytes), MAX_FEED_BYTES);
    this.#count = count;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** Has `onClose` called when nobody reads it any more. */
  opened(onClose: () => void): void {
    this.#onClose = onClose;
  }

  onFrame({ kind, timestamp, payload, flags }: MediaFrame): void {
    if (this.#over) return;
    const isHeader = (flags & FrameFlag.Header) !== 0;
    const isKey = (flags & FrameFlag.Key) !== 0;
    if (kind === FrameKind.Video && !isHeader) this.#hasVideo = true;
    const cost = payload.length + FRAME_BYTES;
    if (this.#bytes + cost > this.#maxBytes) this.#skip();
    const fits = this.#bytes + cost <= this.#maxBytes;
    const starts = isHeader || isKey || !this.#hasVideo;
    if (!fits || (this.#skipping && !starts)) {
      this.#dropped++;
      this.#gap = true;
      return;
    }
    // Headers are of use, but what follows them is not yet.
    if (!isHeader) this.#skipping = false;
    this.#take(cost);
    this.#queue.push({
      kind: KINDS.get(kind)!,
      timestamp,
      payload: payload.slice(),
      isKey,
      isHeader,
      afterGap: this.#gap && !isHeader,
    });
    if (!isHeader) this.#gap = false;
    this.#wake?.();
  }

  /** Drops what waits, but for headers as far as these leave half of the room. */
  #skip(): void {
    const waiting = this.#queue.slice(this.#read);
    const headers = waiting.filter(({ isHeader }) => isHeader);
    const bytes = headers.reduce((sum, frame) => sum + costOf(frame), 0);
    const kept = bytes <= this.#maxBytes / 2 ? headers : [];
    this.#dropped += waiting.length - kept.length;
    this.#queue = kept;
    this.#read = 0;
    this.#take((kept.length === 0 ? 0 : bytes) - this.#bytes);
    this.#skipping = this.#gap = true;
  }

  #take(bytes: number): void {
    this.#count(bytes);
    this.#bytes += bytes;
  }

  #shift(): PluginFrame | undefined {
    const frame = this.#queue[this.#read];
    if (frame === undefined) return undefined;
    this.#take(-costOf(frame));
    if (++this.#read === this.#queue.length) {
      this.#queue.length = this.#read = 0;
    } else if (this.#read === 256) {
      this.#queue.splice(0, 256);
      this.#read = 0;
    }
    return frame;
  }

  onFault(): void {
    this.close();
  }

  /** The stream is over: what waits can still be read. */
  end(): void {
    this.#over = true;
    this.#wake?.();
  }

  close(): void {
    this.end();
    this.#take(-this.#bytes);
    this.#queue.length = this.#read = 0;
    this.#onClose?.();
    this.#onClose = undefined;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<PluginFrame> {
    try {
      for (;;) {
        const frame = this.#shift();
        if (frame !== undefined) yield frame;
        else if (this.#over) return;
        else {
          await new Promise<void>((resolve) => this.#wake = resolve);
          this.#wake = undefined;
        }
      }
    } finally {
      this.close();
    }
  }
}
