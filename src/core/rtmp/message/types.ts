/**
 * Message type ids and the shape every RTMP message has once its chunks are joined.
 *
 * @module
 */

/** Message type ids [RTMP 1.0 §5.4, §7.1]. */
export const MessageType = {
  SetChunkSize: 1,
  Abort: 2,
  Acknowledgement: 3,
  UserControl: 4,
  WindowAckSize: 5,
  SetPeerBandwidth: 6,
  Audio: 8,
  Video: 9,
  DataAmf3: 15,
  SharedObjectAmf3: 16,
  CommandAmf3: 17,
  DataAmf0: 18,
  SharedObjectAmf0: 19,
  CommandAmf0: 20,
  Aggregate: 22,
} as const;

/** A whole RTMP message. */
export interface RtmpMessage {
  /** Message type id, 0..255; see {@link MessageType}. */
  readonly type: number;
  /** Message stream id, 0..2^32-1; 0 is the NetConnection itself. */
  readonly messageStreamId: number;
  /** Milliseconds, modulo 2^32. */
  readonly timestamp: number;
  /** The body. Never changed after it was handed over. */
  readonly payload: Uint8Array;
}
