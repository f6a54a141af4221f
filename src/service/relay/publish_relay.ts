/**
 * What a protocol by which streams are published needs of the relays: plugins may say where else a stream is
 * sent, and servers that ask each other are told.
 *
 * @module
 */
import type { LiveStream, StreamKey } from "../../hub/mod.ts";
import type { PushWish } from "../../plugin/mod.ts";

/** Pushes what is published. */
export interface PublishRelay {
  /** Somebody publishes a stream, and a plugin named targets for it. Never throws. */
  onPublish(stream: LiveStream, wishes: readonly PushWish[]): void;
  /** Whether a name is missing because the server that it is pulled from would have it from here. */
  loops(key: StreamKey): boolean;
}
