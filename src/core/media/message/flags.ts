/**
 * What relaying a stream needs to know of an audio or video message.
 *
 * @module
 */

/** Bits of {@linkcode videoFlags} and {@linkcode audioFlags}. */
export const MediaFlag = {
  /** A picture that decoding can start at. Never set on a sequence header. */
  Key: 1,
  /** Carries a decoder configuration: whoever joins later needs it first. */
  SequenceHeader: 2,
  /** A picture that no other one refers to. */
  Disposable: 4,
  /** The coded sequence is over; what follows begins with a sequence header. */
  EndOfSequence: 8,
  /** No media but the start or the end of a seek. */
  Command: 16,
  /**
   * How decoded media is to be presented: the colours of HDR, the order of channels. Whoever joins
   * later needs the latest.
   */
  Presentation: 32,
  /** Set beside others: the message has a multitrack header, and they hold for all its tracks. */
  Multitrack: 64,
} as const;
