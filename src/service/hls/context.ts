/**
 * What all streams and viewers of HLS share.
 *
 * @module
 */
import type { Faults } from "../../faults.ts";
import type { StreamRegistry } from "../../hub/mod.ts";
import type { PluginRunner } from "../../plugin/mod.ts";
import type { Runtime } from "../../ports.ts";
import type { Admission, Evictable } from "../admission.ts";
import type { MediaOrigins } from "../media_origins.ts";

/** The settings used here; see the configuration table. */
export interface HlsSettings {
  readonly mode: "off" | "watched" | "always";
  readonly latency: "low" | "usual";
  readonly partMs: number;
  readonly segmentMs: number;
  readonly listedMs: number;
  readonly streamBytes: number;
  readonly addresses: "viewer" | "shared";
  readonly sessionMs: number;
  readonly maxWaiting: number;
  /** Requests that may wait for a decision at once: the others are for the control API. */
  readonly maxUnanswered: number;
  /** How long a publisher that was lost may take to come back. */
  readonly reconnectWindowMs: number;
}

/** What the service shares with others. */
export interface HlsSurroundings {
  readonly config: HlsSettings;
  readonly runtime: Pick<Runtime, "clock" | "randomBytes">;
  readonly registry: StreamRegistry;
  readonly plugins: PluginRunner;
  readonly faults: Faults;
  readonly admission: Admission<Evictable>;
  readonly origins: MediaOrigins;
}
