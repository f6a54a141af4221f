/**
 * What ways in need of the relays: plugins may say where else a stream is sent.
 *
 * @module
 */
import type { LiveStream } from "../../hub/mod.ts";
import type { PushWish } from "../../plugin/mod.ts";

/** Pushes what is published. */
export interface PublishRelay {
  /** Somebody publishes a stream, and a plugin named targets for it. Never throws. */
  onPublish(stream: LiveStream, wishes: readonly PushWish[]): void;
}
