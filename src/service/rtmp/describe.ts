/**
 * An RTMP client, for people.
 *
 * @module
 */
import type { ServerSession } from "../../core/rtmp/session/mod.ts";
import type { Protocol } from "../../plugin/mod.ts";
import type { Connection } from "../../ports.ts";
import type { SessionDescription } from "../sessions.ts";
import { publicNameOf } from "./attachment.ts";

/** A client, as far as it is described. */
export interface Described {
  readonly core: ServerSession;
  readonly connection: Connection;
  readonly secure: boolean;
  readonly address: string;
  readonly publicApp: string;
  readonly encrypted: boolean;
  readonly client: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** What a client speaks. */
export function protocolOf(
  { secure, encrypted }: { readonly secure: boolean; readonly encrypted: boolean },
): Protocol {
  return secure ? "rtmps" : encrypted ? "rtmpe" : "rtmp";
}

/** What can be said of a client. */
export function describeSession(session: Described): SessionDescription {
  const { core, address, publicApp: app, client, since, connection } = session;
  const streams = [...core.streams.values()];
  const named = (state: string) =>
    streams.filter((stream) => stream.state === state).map(publicNameOf);
  const publishing = named("publishing");
  const playing = named("playing");
  return {
    protocol: protocolOf(session),
    secure: session.secure,
    address,
    app,
    state: core.phase !== "connected"
      ? core.phase
      : publishing.length > 0
      ? "publishing"
      : playing.length > 0
      ? "playing"
      : core.phase,
    client,
    since,
    bytesIn: core.bytesIn,
    bytesOut: connection.bytesWritten,
    capabilities: core.capabilities,
    publishing,
    playing,
  };
}
