/**
 * Targets and sources, for people.
 *
 * @module
 */
import type { Failure } from "../outgoing/failure.ts";

/** Who had a stream pushed or pulled; `origin` is the edge that this server is, `cluster` the node. */
export type RelaySource = "settings" | "plugin" | "api" | "origin" | "cluster";

/** Where a target or a source is in its life. */
export type RelayState = "waiting" | "connecting" | "publishing" | "playing" | "retrying";

/** A target or a source. */
export interface RelayDescription {
  readonly id: string;
  readonly direction: "push" | "pull";
  /** The stream here. */
  readonly app: string;
  readonly name: string;
  /** Where to, or where from, without what is secret. */
  readonly url: string;
  readonly source: RelaySource;
  readonly state: RelayState;
  /** Since when it publishes or plays, milliseconds since 1970; `undefined` while it does not. */
  readonly since: number | undefined;
  /** Bits per second. */
  readonly bitrate: number;
  /** Media bytes, over all connections. */
  readonly bytes: number;
  /** Frames that were left out because a target was too slow. */
  readonly droppedFrames: number;
  /** Messages of this connection that were passed over, such as those of type 7. */
  readonly oddMessages: number;
  /** Connections that ended or did not come about since one lasted. */
  readonly failures: number;
  /** What went wrong last, until it works again. */
  readonly error: Failure | undefined;
  /** Tracks of the stream that a target is not sent, as it does not take them. */
  readonly leftOut: readonly string[];
}
