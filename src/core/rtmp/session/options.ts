/**
 * What a server session is told about itself.
 *
 * @module
 */

import type { AmfLimits } from "../../amf/mod.ts";
import type { AssemblyAccount } from "../chunk/assembly_budget.ts";
import type { ChunkDecoderLimits } from "../chunk/limits.ts";
import type { RandomBytes } from "../handshake/packet.ts";

/** Longest message of any kind before a publish is accepted (bytes): commands are all that is due. */
export const MAX_EARLY_BYTES = 64 * 1024;

/** Configuration of a `ServerSession`. */
export interface ServerSessionOptions {
  /** At least 3072 strong random bytes for the handshake, or what gives them when it comes. */
  readonly random: RandomBytes;
  /** Whether it begins without a handshake, as what carries it has had one of its own. */
  readonly shaken?: boolean;
  /** Whether clients that ask for RTMPE get it, or who decides; they are refused otherwise. */
  readonly encrypts?: boolean | (() => boolean);
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
  /** Longest message of any kind before a publish is accepted, bytes; {@link MAX_EARLY_BYTES}. */
  readonly maxEarlyBytes?: number;
  /** More bounds of what is read; those of a `ChunkDecoder` where left out. */
  readonly chunks?: Partial<
    Pick<
      ChunkDecoderLimits,
      | "maxAudioBytes"
      | "maxChunkStreams"
      | "maxUnfinishedMessages"
      | "maxAssemblyBytes"
      | "minChunkSize"
    >
  >;
  /** Memory for what is not yet read, shared with other sessions; none is shared if left out. */
  readonly assembly?: AssemblyAccount;
  /** Bounds of a decoded command; those of `amf/limits.ts` where left out. */
  readonly amf?: Partial<AmfLimits>;
}
