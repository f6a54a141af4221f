/**
 * Where a stream is pulled from, as people may see it.
 *
 * @module
 */
import { parseRtmpUrl } from "../../core/rtmp/url.ts";
import { shownUrl } from "../outgoing/failure.ts";
import { HttpFlvSource, parseHttpUrl, shownHttpUrl } from "../outgoing/http_flv.ts";
import { Upstream } from "../outgoing/upstream.ts";
import type { OpenLink } from "../outgoing/upstream_ports.ts";

/** Where `reader` reads, or else the URL that is next, without what is secret. */
export function shownSource(reader: Upstream | HttpFlvSource | undefined, next: string): string {
  if (reader instanceof Upstream) return shownUrl(reader.url);
  if (reader instanceof HttpFlvSource) return reader.shown;
  try {
    return /^https?:/i.test(next) ? shownHttpUrl(parseHttpUrl(next)) : shownUrl(parseRtmpUrl(next));
  } catch {
    // What cannot be read cannot be shown without what is secret either.
    return "***";
  }
}

/** The address of the other server; nothing where that is not known. */
export function peerOf(link: OpenLink | undefined): string {
  if (link === undefined) return "";
  const { hostname, port } = link.connection.remote;
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}
