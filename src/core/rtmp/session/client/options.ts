/**
 * What a client session is told about itself.
 *
 * @module
 */
import type { AmfLimits, AmfValue } from "../../../amf/mod.ts";
import type { AssemblyBudget } from "../../chunk/assembly_budget.ts";
import type { ChunkDecoderLimits } from "../../chunk/limits.ts";
import type { DigestBase } from "../../handshake/digest.ts";

/** What a client says of itself in `connect` [RTMP 1.0 §7.2.1.1]. */
export interface ConnectParameters {
  /** The application. */
  readonly app: string;
  /** The URL of server and application. */
  readonly tcUrl: string;
  /** Name and version of the program; {@link DEFAULT_FLASH_VER} if left out. */
  readonly flashVer?: string;
  /** The player. */
  readonly swfUrl?: string;
  /** The page that the player is on. */
  readonly pageUrl?: string;
  /**
   * Codecs to announce with Enhanced RTMP, as FourCCs; `*` is all of them. All if left out; with an
   * empty list nothing is said of Enhanced RTMP.
   */
  readonly fourCcs?: readonly string[];
  /** Whether to announce that a Reconnect Request is followed. */
  readonly followsReconnect?: boolean;
  /** More members of the command object; they replace those above. */
  readonly more?: Readonly<Record<string, AmfValue>>;
  /** Arguments behind the command object, as some servers want for their own access control. */
  readonly args?: readonly AmfValue[];
}

/** What servers that ask for an encoder are content with. */
export const DEFAULT_FLASH_VER = "FMLE/3.0 (compatible; Sluice)";
/** Longest message of any kind until something is played (bytes): answers are all that is due. */
export const MAX_EARLY_BYTES = 64 * 1024;
/** Sizes and bounds of a session. */
export interface SessionSizes {
  /** Outgoing chunk size, bytes. */
  readonly chunkSize?: number;
  /** Window Acknowledgement Size sent to the server, bytes. */
  readonly windowAckSize?: number;
  /** Streams at once. */
  readonly maxStreams?: number;
  /** Requests that may wait for an answer at once. */
  readonly maxTransactions?: number;
  /** Longest audio or video message of a play, bytes. */
  readonly maxMediaBytes?: number;
  /** Longest command or data message of a play, bytes. */
  readonly maxCommandBytes?: number;
}

/** The sizes of a session that was given none. */
export const DEFAULT_SIZES: Required<SessionSizes> = {
  chunkSize: 4096,
  windowAckSize: 2_500_000,
  maxStreams: 16,
  maxTransactions: 64,
  maxMediaBytes: 8 * 1024 * 1024,
  maxCommandBytes: 1024 * 1024,
};

/** Configuration of a `ClientSession`. */
export interface ClientSessionOptions extends SessionSizes {
  /** At least 3072 strong random bytes for the handshake. */
  readonly random: Uint8Array;
  /** Milliseconds from an arbitrary start, for the handshake. */
  readonly now: number;
  /** What it says of itself. */
  readonly connect: ConnectParameters;
  /** Where the digest of a signed handshake points from; the simple handshake if left out. */
  readonly digestBase?: DigestBase;
  /** Whether payloads are only lent to the handler; saves memory and copies. */
  readonly lendPayloads?: boolean;
  /** More bounds of what is read; those of a `ChunkDecoder` where left out. */
  readonly chunks?: Partial<
    Pick<
      ChunkDecoderLimits,
      | "maxAudioBytes"
      | "maxChunkStreams"
      | "maxUnfinishedMessages"
      | "maxAssemblyBytes"
      | "minChunkSize"
      | "fmt3AfterFmt0"
    >
  >;
  /** Memory for what is not yet read, shared with other sessions; none is shared if left out. */
  readonly assembly?: AssemblyBudget;
  /** Bounds of a decoded command; those of `amf/limits.ts` where left out. */
  readonly amf?: Partial<AmfLimits>;
}
