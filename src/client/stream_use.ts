/**
 * What a client does with one of its streams, as the session reports on it.
 *
 * @module
 */
import type { ServerRefusal, ServerStatus } from "../core/rtmp/session/client/mod.ts";

/** What becomes of a stream. */
export interface StreamUse {
  /** It has its id. */
  onCreated(): void;
  /** It publishes or plays. */
  onStarted(): void;
  /** The server would not. */
  onRefused(refusal: ServerRefusal): void;
  /** Media of a play. */
  onMedia(type: number, timestamp: number, payload: Uint8Array): void;
  /** The server ended it. */
  onEnded(status: ServerStatus): void;
  /** The connection is over; without an `error` because the client closed it. */
  onLost(error?: Error): void;
}
