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
export interface Described extends Arrival {
  readonly core: ServerSession;
  readonly connection: Connection;
  readonly address: string;
  readonly publicApp: string;
  readonly encrypted: boolean;
  readonly client: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** By which way a client came. */
export interface Arrival {
  /** In TLS. */
  readonly secure: boolean;
  /** In requests of HTTP. */
  readonly tunnelled: boolean;
  /** In flows of RTMFP. */
  readonly inFlows?: boolean;
}

/** What a client speaks: `rtmp`, and a letter each for what is around it: `rtmpt`, `rtmpe`, `rtmpts`; or `rtmfp`. */
export function protocolOf(
  { secure, tunnelled, encrypted, inFlows }: Arrival & { readonly encrypted: boolean },
): Protocol {
  if (inFlows === true) return "rtmfp";
  const tunnel = tunnelled ? "t" : "";
  return `rtmp${tunnel}${encrypted ? "e" : secure ? "s" : ""}`;
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
