/**
 * The two ways a codec or a session can fail, told apart by who is to blame.
 *
 * @module
 */

/** Stable names of the rules a peer can break. */
export type ProtocolErrorCode =
  | "handshake"
  | "chunk"
  | "control"
  | "amf"
  | "command"
  | "limit"
  | "timeout";

/** The peer broke the protocol or one of our limits. Its session ends; nothing else does. */
export class ProtocolError extends Error {
  /** Name of the class. */
  override readonly name = "ProtocolError";

  /** `message` is for people, and says nothing that may be a secret. */
  constructor(
    /** Which part of the protocol was broken. */
    readonly code: ProtocolErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The caller asked for something that cannot be done: a bug on our side of the wire. */
export class UsageError extends Error {
  /** Name of the class. */
  override readonly name = "UsageError";
}
