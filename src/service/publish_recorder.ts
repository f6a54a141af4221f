/**
 * What ways in need of the recorder: who publishes may ask to be recorded, and plugins may say so.
 *
 * @module
 */
import type { LiveStream } from "../hub/mod.ts";
import type { RecordWish } from "../recordings/record_wish.ts";

/** What a publisher that asked to be recorded is told, as `NetStream.Record.*`. */
export type RecordStatus = "Start" | "Stop" | "Failed" | "NoAccess";

/** How a stream is published. */
export interface RecordRequest {
  /** What the publisher asked for [RTMP 1.0 §7.2.2.6]. */
  readonly type: "live" | "record" | "append";
  /** What a plugin said; `undefined` when none said anything. */
  readonly wish: RecordWish | undefined;
  /** Tells the publisher, if it asked to be recorded; it may be gone. */
  readonly tell: (status: RecordStatus) => void;
}

/** Records what is published. */
export interface PublishRecorder {
  /** Somebody publishes a stream, and has pushed nothing yet. Never throws. */
  onPublish(stream: LiveStream, request: RecordRequest): void;
}
