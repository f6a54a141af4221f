/**
 * One media message on its way through the hub, whatever protocol brought it.
 *
 * @module
 */

/** What a frame carries; the numbers are those of RTMP message types and FLV tags. */
export const FrameKind = { Audio: 8, Video: 9, Data: 18 } as const;

/** Facts about a frame that decide how it is cached and dropped. Bits, so that a test is one AND. */
export const FrameFlag = {
  /** A decoder of the default video track can start here. */
  Key: 1,
  /** Decoder configuration or metadata: never dropped, repeated for whoever joins. */
  Header: 2,
  /** No other frame refers to it. */
  Disposable: 4,
  /** Video that needs the frames before it: neither a key frame nor a header. */
  Inter: 8,
  /** The payload has a multitrack header of Enhanced RTMP: it holds one track by its id, or several. */
  Multitrack: 16,
  /** Beside `Multitrack`: a decoder of the tracks in it can start here, but not the default track's. */
  TrackKey: 32,
} as const;

/** A media frame. Immutable, shared by every player. */
export interface MediaFrame {
  /** One of {@link FrameKind}. */
  readonly kind: number;
  /** Milliseconds, modulo 2^32. */
  readonly timestamp: number;
  /** FLV tag body. Never changed. */
  readonly payload: Uint8Array;
  /** {@link FrameFlag} bits. */
  readonly flags: number;
}

/** Turns frames into the bytes of one way out (RTMP with one message stream id, FLV, …). */
export interface FrameEncoder {
  /** Equal keys mean equal bytes: players with equal keys share one rendition. */
  readonly key: string;
  /** Whether this way out carries frames of this kind at all. */
  accepts(kind: number): boolean;
  /** Bytes that {@link encode} will write, exactly. */
  size(frame: MediaFrame): number;
  /** Writes the frame into `target` at `offset`. */
  encode(frame: MediaFrame, target: Uint8Array, offset: number): void;
}
