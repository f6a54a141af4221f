/**
 * What all clients that watch FLV behind HTTP share.
 *
 * @module
 */
import type { Faults } from "../../faults.ts";
import type { StreamRegistry } from "../../hub/mod.ts";
import type { PluginRunner } from "../../plugin/mod.ts";
import type { Runtime } from "../../ports.ts";
import type { Admission, Evictable } from "../admission.ts";
import type { MediaOrigins } from "../media_origins.ts";
import type { LiveSession } from "../sessions.ts";
import type { FlvEncoders } from "./frame_encoder.ts";

/** The settings used here; see the configuration table. */
export interface FlvSettings {
  readonly playerStallMs: number;
  /** Requests that may wait for their answers at once: the others are for the control API. */
  readonly maxUnanswered: number;
}

/** What the service shares with others. */
export interface FlvSurroundings {
  readonly config: FlvSettings;
  readonly runtime: Pick<Runtime, "clock" | "randomBytes">;
  readonly registry: StreamRegistry;
  readonly plugins: PluginRunner;
  readonly faults: Faults;
  readonly admission: Admission<Evictable>;
  /** Which web pages may play. */
  readonly origins: MediaOrigins;
}

/** What the service gives its clients. */
export interface FlvContext extends FlvSurroundings {
  readonly encoders: FlvEncoders;
  /** Called once, when a client is gone or was turned away. */
  onGone(session: LiveSession & Evictable): void;
}
