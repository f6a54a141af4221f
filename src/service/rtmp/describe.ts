/**
 * An RTMP client, for people.
 *
 * @module
 */
import type { SessionDescription } from "../sessions.ts";
import type { RtmpSession } from "./session.ts";
import { publicNameOf } from "./stream_use.ts";

/** What can be said of a client. */
export function describeSession(session: RtmpSession): SessionDescription {
  const { core, address, publicApp: app, client, since, connection } = session;
  const streams = [...core.streams.values()];
  const named = (state: string) =>
    streams.filter((stream) => stream.state === state).map(publicNameOf);
  const publishing = named("publishing");
  const playing = named("playing");
  return {
    protocol: "rtmp",
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
