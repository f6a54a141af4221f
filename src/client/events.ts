/**
 * Events of a client.
 *
 * @module
 */
import type { ServerStatus } from "../core/rtmp/session/client/mod.ts";

/** `status`: the server reports, with a code such as `NetStream.Play.InsufficientBW`. */
export class StatusEvent extends Event {
  /** What was said, and of which stream. */
  constructor(
    readonly status: ServerStatus,
    /** Name of the stream that it is about; `undefined` when it is about the connection. */
    readonly stream: string | undefined,
  ) {
    super("status");
  }
}

/** `reconnect`: the server asks to connect again [E-RTMP v2 "Reconnect Request"]. */
export class ReconnectEvent extends Event {
  /** Where to connect to. */
  constructor(
    /** Where to, absolute or relative to the URL in use; `undefined` for the same place. */
    readonly tcUrl: string | undefined,
  ) {
    super("reconnect");
  }
}
