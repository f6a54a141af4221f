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
  /** Longest message of any type but audio, video and aggregate, in bytes. */
  maxCommandBytes: number;
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
}

/** The limits of a decoder that was given none. */
export const DEFAULT_CHUNK_DECODER_LIMITS: Readonly<ChunkDecoderLimits> = {
  maxChunkStreams: 64,
  maxCommandBytes: 1024 * 1024,
  maxMediaBytes: 8 * 1024 * 1024,
  maxAssemblyBytes: 16 * 1024 * 1024,
  fmt3AfterFmt0: "timestamp",
  lendPayloads: false,
};

/** The longest message of `type` that `limits` allow, in bytes. */
export function messageLimit(limits: Readonly<ChunkDecoderLimits>, type: number): number {
  return type === MessageType.Video || type === MessageType.Audio || type === MessageType.Aggregate
    ? limits.maxMediaBytes
    : limits.maxCommandBytes;
}
