/**
 * What a server session is told about itself.
 *
 * @module
 */

/** Configuration of a `ServerSession`. */
export interface ServerSessionOptions {
  /** At least 3040 strong random bytes for the handshake. */
  readonly random: Uint8Array;
  /** Outgoing chunk size, 128..65536. */
  readonly chunkSize: number;
  /** Window Acknowledgement Size and Set Peer Bandwidth sent to the client, bytes. */
  readonly windowAckSize: number;
  /** Most NetStreams of this connection. */
  readonly maxNetStreams: number;
  /** Longest audio or video message once the client may publish, bytes. */
  readonly maxMediaBytes: number;
  /** Longest command or data message, bytes. */
  readonly maxCommandBytes: number;
  /** What a type 3 header adds right after a type 0 header; see `ChunkDecoderLimits`. */
  readonly fmt3AfterFmt0: "timestamp" | "zero";
}
