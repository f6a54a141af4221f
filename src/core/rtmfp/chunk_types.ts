/**
 * Types of chunks [RFC 7016 §2.3], and flags of packets and of User Data.
 *
 * @module
 */

/** Types of chunks. */
export const ChunkType = {
  Ping: 0x01,
  SessionClose: 0x0c,
  UserData: 0x10,
  NextUserData: 0x11,
  BufferProbe: 0x18,
  InitiatorHello: 0x30,
  InitiatorKeying: 0x38,
  PingReply: 0x41,
  SessionCloseAck: 0x4c,
  AckBitmap: 0x50,
  AckRanges: 0x51,
  FlowException: 0x5e,
  ResponderHello: 0x70,
  Redirect: 0x71,
  ResponderKeying: 0x78,
  Padding: 0xff,
} as const;

/** Flags ahead of a packet [RFC 7016 §2.2.4]. */
export const PacketFlag = {
  TimeCritical: 0x80,
  TimeCriticalReverse: 0x40,
  Timestamp: 0x08,
  TimestampEcho: 0x04,
  /** Who sends it. */
  Mode: 0x03,
} as const;

/** Who sends a packet. */
export const PacketMode = { Initiator: 1, Responder: 2, Startup: 3 } as const;

/** Flags of User Data [RFC 7016 §2.3.11]. */
export const DataFlag = {
  Options: 0x80,
  /** Which part of a message it is. */
  Fragment: 0x30,
  Abandon: 0x02,
  Final: 0x01,
} as const;

/** Which part of a message a fragment is. */
export const FragmentPart = { Whole: 0x00, Begin: 0x10, End: 0x20, Middle: 0x30 } as const;

/** Options of User Data [RFC 7016 §2.3.11.1]. */
export const DataOption = {
  Metadata: 0x00,
  ReturnAssociation: 0x0a,
  /** Whoever does not know an option below this one refuses the flow. */
  FirstOptional: 0x2000,
} as const;
