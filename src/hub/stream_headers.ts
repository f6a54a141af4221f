/**
 * What a publisher says about its media: sequence headers and stored data messages, which every new
 * player is sent first.
 *
 * @module
 */
import { FrameFlag, FrameKind, type MediaFrame } from "./frame.ts";

/** Most data messages (`onMetaData` and the like) a stream stores for new players. */
export const MAX_STORED_DATA = 16;

/** Bytes of a message that tell its codec, and for most codecs the picture size or sample rate. */
const SAMPLE_BYTES = 64;

/** The headers of one publisher. Payloads are copied: those that come in are only lent. */
export class StreamHeaders {
  #video: MediaFrame | undefined;
  #audio: MediaFrame | undefined;
  /** The start of a video and of an audio message, for codecs that have no sequence header. */
  #videoSample: Uint8Array | undefined;
  #audioSample: Uint8Array | undefined;
  /** Stored data messages by handler name. */
  readonly #data = new Map<string, MediaFrame>();

  /** The video sequence header's payload. */
  get video(): Uint8Array | undefined {
    return this.#video?.payload;
  }

  /** The audio sequence header's payload. */
  get audio(): Uint8Array | undefined {
    return this.#audio?.payload;
  }

  /** The start of a video message, when there is no sequence header. */
  get videoSample(): Uint8Array | undefined {
    return this.#videoSample;
  }

  /** The start of an audio message, when there is no sequence header. */
  get audioSample(): Uint8Array | undefined {
    return this.#audioSample;
  }

  /** The stored data message of this handler name, name included. */
  data(handler: string): Uint8Array | undefined {
    return this.#data.get(handler)?.payload;
  }

  /** Metadata, then sequence headers: the order in which a player needs them. */
  frames(timestamp: number): MediaFrame[] {
    const frames = [...this.#data.values()];
    if (this.#video !== undefined) frames.push(this.#video);
    if (this.#audio !== undefined) frames.push(this.#audio);
    return frames.map((frame) => ({ ...frame, timestamp }));
  }

  /** Forgets everything: a new publisher describes itself. */
  clear(): void {
    this.#data.clear();
    this.#video = this.#audio = undefined;
    this.#videoSample = this.#audioSample = undefined;
  }

  /** Takes a sequence header; `replaced` tells whether there was one with other bytes. */
  set(
    kind: number,
    payload: Uint8Array,
    timestamp: number,
  ): { frame: MediaFrame; replaced: boolean } {
    const known = kind === FrameKind.Video ? this.#video : this.#audio;
    const frame = headerFrame(kind, payload, timestamp);
    if (kind === FrameKind.Video) this.#video = frame;
    else this.#audio = frame;
    return { frame, replaced: known !== undefined && !sameBytes(known.payload, payload) };
  }

  /** Takes a data message; it is stored as long as there are not too many. */
  setData(handler: string, payload: Uint8Array, timestamp: number): MediaFrame {
    const frame = headerFrame(FrameKind.Data, payload, timestamp);
    if (this.#data.has(handler) || this.#data.size < MAX_STORED_DATA) {
      this.#data.set(handler, frame);
    }
    return frame;
  }

  /** Forgets a stored data message; returns whether there was one. */
  clearData(handler: string): boolean {
    return this.#data.delete(handler);
  }

  /** Remembers how the messages of a codec without sequence header begin. */
  sample(kind: number, payload: Uint8Array): void {
    if (payload.length === 0) return;
    if (kind === FrameKind.Video && this.#video === undefined) {
      this.#videoSample ??= payload.slice(0, SAMPLE_BYTES);
    } else if (kind === FrameKind.Audio && this.#audio === undefined) {
      this.#audioSample ??= payload.slice(0, SAMPLE_BYTES);
    }
  }
}

function headerFrame(kind: number, payload: Uint8Array, timestamp: number): MediaFrame {
  return { kind, timestamp, payload: new Uint8Array(payload), flags: FrameFlag.Header };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
