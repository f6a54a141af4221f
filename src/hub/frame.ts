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

/** A media frame. Whoever hands it on says how long its payload is there. */
export interface MediaFrame {
  /** One of {@link FrameKind}. */
  readonly kind: number;
  /** Milliseconds, modulo 2^32. */
  readonly timestamp: number;
  /** FLV tag body. No receiver changes it. */
  readonly payload: Uint8Array;
  /** {@link FrameFlag} bits. */
  readonly flags: number;
}

/** In place of flags: this way out does not carry the frame. */
export const LEFT_OUT = -1;

/** Turns frames into the bytes of one way out (RTMP, FLV, …). */
export interface FrameEncoder {
  /** Equal keys mean equal bytes, but for the variant: players with equal keys share one encoding. */
  readonly key: string;
  /**
   * Which copy of the encoding its players are sent, where they differ in a few bytes of each
   * message: left out, it is the one that {@link encode} writes.
   */
  readonly variant?: number | undefined;
  /**
   * Makes of the encoded message at `offset` of a copy what players of `variant` are sent. There if
   * there are variants.
   */
  vary?(bytes: Uint8Array, offset: number, variant: number): void;
  /** Whether this way out carries frames of this kind at all. */
  accepts(kind: number): boolean;
  /** Id of the one video track that it carries; left out, it carries all there are. */
  readonly videoTrack?: number | undefined;
  /** The same of audio. */
  readonly audioTrack?: number | undefined;
  /** Whether players come to it by a choice of their own: a stream is encoded so only so many times. */
  readonly chosen?: boolean;
  /** Whether it is what players get that ask for nothing special: there are few such encoders. */
  readonly usual?: boolean;
  /**
   * Flags of the frame as it goes out, or {@link LEFT_OUT}: a way out that carries one track of
   * several has key frames of its own. Called before {@link size} and {@link encode}, which are then
   * called for this frame only.
   */
  flags(frame: MediaFrame): number;
  /** Bytes that {@link encode} will write, exactly. */
  size(frame: MediaFrame): number;
  /** Writes the frame into `target` at `offset`. */
  encode(frame: MediaFrame, target: Uint8Array, offset: number): void;
}
