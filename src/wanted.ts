/**
 * Loads the parts of a server that are off unless they are asked for: a start reads what it needs, and no
 * more.
 *
 * @module
 */
import type { Config } from "./config/mod.ts";
import type { clusterOf } from "./cluster_side.ts";
import type { RecordingSide, RecordingSurroundings } from "./recording_side.ts";
import type { FallbackService } from "./service/fallback/mod.ts";
import type { MediaOrigins } from "./service/media_origins.ts";
import type { RtmfpService } from "./service/rtmfp/mod.ts";

/** Makes what records streams and plays files. */
export type MakeRecordingSide = (
  config: Config,
  origins: MediaOrigins,
  surroundings: RecordingSurroundings,
) => RecordingSide;

/** Parts that are there where the configuration asks for them. */
export interface Wanted {
  readonly record: MakeRecordingSide | undefined;
  readonly rtmfp: typeof RtmfpService | undefined;
  readonly fallback: typeof FallbackService | undefined;
  readonly cluster: typeof clusterOf | undefined;
}

/** Loads them, all at once. */
export async function loadWanted({ record, rtmfp, relay, cluster }: Config): Promise<Wanted> {
  const { folder } = record;
  const [recordingSide, rtmfpPart, fallbackPart, clusterSide] = await Promise.all([
    folder === undefined ? undefined : import("./recording_side.ts"),
    rtmfp.port === undefined ? undefined : import("./service/rtmfp/mod.ts"),
    relay.fallback.length === 0 ? undefined : import("./service/fallback/mod.ts"),
    cluster.url.length === 0 ? undefined : import("./cluster_side.ts"),
  ]);
  return {
    record: folder === undefined || recordingSide === undefined
      ? undefined
      : (...more) => recordingSide.recordingSideOf(folder, ...more),
    rtmfp: rtmfpPart?.RtmfpService,
    fallback: fallbackPart?.FallbackService,
    cluster: clusterSide?.clusterOf,
  };
}
