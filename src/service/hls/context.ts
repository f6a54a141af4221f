/**
 * What all streams and viewers of HLS share.
 *
 * @module
 */
import type { MediaOrigins } from "../media_origins.ts";
import type { SegmentStore } from "../../segments/store.ts";
import type { Surroundings } from "../surroundings.ts";

/** The settings used here; see the configuration table. */
export interface HlsSettings {
  readonly mode: "off" | "watched" | "always";
  readonly container: "cmaf" | "mpegts";
  readonly latency: "low" | "usual";
  readonly partMs: number;
  readonly segmentMs: number;
  readonly listedMs: number;
  readonly streamBytes: number;
  readonly playlist: "sliding" | "event";
  readonly addresses: "viewer" | "shared";
  readonly sessionMs: number;
  readonly maxWaiting: number;
  /** Requests that may wait for a decision at once: the others are for the control API. */
  readonly maxUnanswered: number;
  /** Viewers that have asked for a stream and for nothing of it yet; over this the oldest is gone. */
  readonly maxUnused: number;
  /** How long a publisher that was lost may take to come back. */
  readonly reconnectWindowMs: number;
}

/** What the service is made with. */
export interface HlsSurroundings extends Surroundings {
  readonly config: HlsSettings;
  readonly origins: MediaOrigins;
  /** The folder that segments are written into, if there is one. */
  readonly store?: SegmentStore | undefined;
}
