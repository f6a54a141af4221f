/**
 * What one client may use up while its bytes are read, from the settings.
 *
 * @module
 */
import type { AssemblyBudget } from "../../core/rtmp/chunk/assembly_budget.ts";
import type { ServerSessionOptions } from "../../core/rtmp/session/options.ts";

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

/** The bounds of a session; `assembly` is shared by all of a server. */
export function sessionLimits(
  settings: LimitSettings,
  assembly: AssemblyBudget,
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
