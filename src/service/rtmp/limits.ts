/**
 * What one client may use up while its bytes are read, from the settings.
 *
 * @module
 */
import type { AssemblyAccount } from "../../core/rtmp/chunk/assembly_budget.ts";
import type { ServerSessionOptions } from "../../core/rtmp/session/options.ts";

/** Smallest chunk size that a client may set, unless configured: smaller ones cost time for each byte. */
export const MIN_CHUNK_SIZE = 128;
/** Message streams that a connection may have at once, unless configured. */
export const MAX_STREAMS_PER_CONNECTION = 16;

/** The settings used here; see the configuration table. */
export interface LimitSettings {
  readonly maxMessageBytes: number;
  readonly maxAudioBytes: number;
  readonly maxCommandBytes: number;
  readonly maxEarlyMessageBytes: number;
  readonly maxChunkStreams: number;
  readonly maxUnfinishedMessages: number;
  readonly maxAssemblyBytes: number;
  readonly maxTotalAssemblyBytes: number;
  readonly minChunkSize: number;
  readonly maxAmfDepth: number;
  readonly maxAmfValues: number;
  readonly maxAmfStringBytes: number;
  readonly maxAmfBytes: number;
  readonly maxMessagesPerSecond: number;
}

/** Settings of the protocol of a session; see the configuration table. */
export interface ProtocolSettings extends LimitSettings {
  readonly chunkSize: number;
  readonly windowAckSize: number;
  readonly maxStreamsPerConnection: number;
  readonly typeThreeDelta: "timestamp" | "zero";
}

/** How a session speaks, and its bounds; `random` bytes are for its handshake. */
export function sessionOptions(
  settings: ProtocolSettings,
  assembly: AssemblyAccount,
  random: Uint8Array,
): ServerSessionOptions {
  return {
    random,
    chunkSize: settings.chunkSize,
    windowAckSize: settings.windowAckSize,
    maxNetStreams: settings.maxStreamsPerConnection,
    fmt3AfterFmt0: settings.typeThreeDelta,
    ...sessionLimits(settings, assembly),
  };
}

/** The bounds of a session; `assembly` is shared by all of a server. */
export function sessionLimits(
  settings: LimitSettings,
  assembly: AssemblyAccount,
): Pick<
  ServerSessionOptions,
  "maxMediaBytes" | "maxCommandBytes" | "maxEarlyBytes" | "chunks" | "assembly" | "amf"
> {
  return {
    maxMediaBytes: settings.maxMessageBytes,
    maxCommandBytes: settings.maxCommandBytes,
    maxEarlyBytes: settings.maxEarlyMessageBytes,
    chunks: {
      maxAudioBytes: settings.maxAudioBytes,
      maxChunkStreams: settings.maxChunkStreams,
      maxUnfinishedMessages: settings.maxUnfinishedMessages,
      maxAssemblyBytes: settings.maxAssemblyBytes,
      minChunkSize: settings.minChunkSize,
    },
    assembly,
    amf: {
      maxDepth: settings.maxAmfDepth,
      maxNodes: settings.maxAmfValues,
      maxStringBytes: settings.maxAmfStringBytes,
      maxTotalBytes: settings.maxAmfBytes,
    },
  };
}
