/**
 * What a {@link ChunkDecoder} lets its peer use up.
 *
 * @module
 */

import { MessageType } from "../message/types.ts";

/** Bounds and habits of one chunk decoder. */
export interface ChunkDecoderLimits {
  /** Chunk stream ids one connection may use; each costs a state object for good. */
  maxChunkStreams: number;
  /** Messages of one connection that may be unfinished at once, each on its chunk stream. */
  maxUnfinishedMessages: number;
  /** Smallest chunk size the peer may set: below 128 only headers and time go up. */
  minChunkSize: number;
  /** Longest message of any type but audio, video and aggregate, in bytes. */
  maxCommandBytes: number;
  /** Longest audio message, in bytes, where `maxMediaBytes` is not less. */
  maxAudioBytes: number;
  /** Longest audio, video or aggregate message, in bytes. */
  maxMediaBytes: number;
  /** Memory that unfinished messages of one connection may hold together, in bytes. */
  maxAssemblyBytes: number;
  /**
   * What a type 3 header adds when it starts a message right after a type 0 header: that header's
   * timestamp once more, as [RTMP 1.0 §5.3.1.2.4] says, or nothing, as some encoders mean it.
   */
  fmt3AfterFmt0: "timestamp" | "zero";
  /**
   * Whether payloads are only lent to the sink: valid during the call, so that a message costs no
   * memory of its own. Otherwise each payload belongs to the sink.
   */
  lendPayloads: boolean;
  /** Whether an Abort that is too short to name a message changes nothing. Otherwise it is an error. */
  passShortAbort: boolean;
}

/** The limits of a decoder that was given none. */
export const DEFAULT_CHUNK_DECODER_LIMITS: Readonly<ChunkDecoderLimits> = {
  maxChunkStreams: 32,
  maxUnfinishedMessages: 8,
  minChunkSize: 1,
  maxCommandBytes: 1024 * 1024,
  maxAudioBytes: 1024 * 1024,
  maxMediaBytes: 8 * 1024 * 1024,
  maxAssemblyBytes: 16 * 1024 * 1024,
  fmt3AfterFmt0: "timestamp",
  lendPayloads: false,
  passShortAbort: false,
};

/** The longest message of `type` that `limits` allow, in bytes. */
export function messageLimit(limits: Readonly<ChunkDecoderLimits>, type: number): number {
  if (type === MessageType.Video || type === MessageType.Aggregate) return limits.maxMediaBytes;
  if (type !== MessageType.Audio) return limits.maxCommandBytes;
  return limits.maxAudioBytes < limits.maxMediaBytes ? limits.maxAudioBytes : limits.maxMediaBytes;
}
