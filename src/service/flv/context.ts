/**
 * What all clients that watch FLV behind HTTP share.
 *
 * @module
 */
import type { Evictable } from "../admission.ts";
import type { MediaOrigins } from "../media_origins.ts";
import type { LiveSession } from "../sessions.ts";
import type { Surroundings } from "../surroundings.ts";
import type { FlvEncoders } from "./frame_encoder.ts";

/** The settings used here; see the configuration table. */
export interface FlvSettings {
  readonly playerStallMs: number;
  /** Requests that may wait for their answers at once: the others are for the control API. */
  readonly maxUnanswered: number;
}

/** What the service is made with. */
export interface FlvSurroundings extends Surroundings {
  readonly config: FlvSettings;
  /** Which web pages may play. */
  readonly origins: MediaOrigins;
}

/** What the service gives its clients. */
export interface FlvContext extends FlvSurroundings {
  readonly encoders: FlvEncoders;
  /** Called once, when a client is gone or was turned away. */
  onGone(session: LiveSession & Evictable): void;
}
