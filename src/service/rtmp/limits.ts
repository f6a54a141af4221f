/**
 * What one client may use up while its bytes are read, from the settings.
 *
 * @module
 */
import type { AssemblyAccount } from "../../core/rtmp/chunk/assembly_budget.ts";
import type { RandomBytes } from "../../core/rtmp/handshake/packet.ts";
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
  readonly rtmpe: "allow" | "refuse";
}

/** What is the same for all sessions of a server, by its settings: they share it. */
const shared = new WeakMap<ProtocolSettings, SharedOptions>();

type SharedOptions = Omit<ServerSessionOptions, "random" | "assembly" | "encrypts">;

/**
 * How a session speaks, and its bounds; `random` gives bytes for its handshake, and `encrypts` says
 * whether it gets RTMPE when it asks for that, and `shaken` that there is no handshake.
 */
export function sessionOptions(
  settings: ProtocolSettings,
  assembly: AssemblyAccount,
  random: RandomBytes,
  encrypts: () => boolean,
  shaken: boolean,
): ServerSessionOptions {
  let options = shared.get(settings);
  if (options === undefined) shared.set(settings, options = sharedOptions(settings));
  return {
    ...options,
    random,
    assembly,
    encrypts: settings.rtmpe === "allow" && encrypts,
    shaken,
  };
}

function sharedOptions(settings: ProtocolSettings): SharedOptions {
  return {
    chunkSize: settings.chunkSize,
    windowAckSize: settings.windowAckSize,
    maxNetStreams: settings.maxStreamsPerConnection,
    fmt3AfterFmt0: settings.typeThreeDelta,
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
    amf: {
      maxDepth: settings.maxAmfDepth,
      maxNodes: settings.maxAmfValues,
      maxStringBytes: settings.maxAmfStringBytes,
      maxTotalBytes: settings.maxAmfBytes,
    },
  };
}
