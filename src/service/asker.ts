/**
 * Who asks for a stream, for a server that is asked in turn.
 *
 * @module
 */
import type { Asker } from "../hub/mod.ts";
import type { ConnectContext } from "../plugin/mod.ts";

/** Parameters that say how this server is to send a stream, and are not for another one. */
const OWN = new Set(["audio", "video", "wait"]);

/** Longest query that is passed on, in characters; of a longer one nothing is. */
const MAX_QUERY = 2048;

const NONE: readonly string[] = [];

/** What another server is told of a client. */
export function askerOf(
  { query, client, rtmp }: Pick<ConnectContext, "query" | "client" | "rtmp">,
  via: readonly string[] = NONE,
): Asker {
  const passed = new URLSearchParams();
  for (const [key, value] of query) if (!OWN.has(key)) passed.append(key, value);
  const text = passed.toString();
  // Of a client anybody could say so; a server that relays speaks for one.
  const forwarded = via.length > 0 ? rtmp?.forwardedFor : undefined;
  return {
    query: text.length > MAX_QUERY ? "" : text,
    address: forwarded ?? client.address.hostname,
    via,
  };
}
