/**
 * What reads one source of a pull: RTMP, or FLV over HTTP.
 *
 * @module
 */
import { parseRtmpUrl, type RtmpUrl } from "../../core/rtmp/url.ts";
import { HttpFlvSource, parseHttpUrl } from "../outgoing/http_flv.ts";
import { Upstream } from "../outgoing/upstream.ts";
import type {
  UpstreamEnvironment,
  UpstreamOwner,
  UpstreamRequest,
} from "../outgoing/upstream_ports.ts";

/** Reads a source. */
export type PullReader = Upstream | HttpFlvSource;

/** Who is told of it. */
export interface PullReaderOwner extends Required<Omit<UpstreamOwner, "onWaiting">> {
  /** A source of HTTP has answered; one of RTMP says so by its link. */
  onOpened(): void;
}

/**
 * Makes what reads `from`, which is a URL as it is configured, or where a server has sent us.
 *
 * @param said what a server of RTMP is told
 * @throws {UsageError} for a URL that cannot be used
 */
export function pullReaderOf(
  environment: UpstreamEnvironment,
  from: string | RtmpUrl,
  said: Pick<UpstreamRequest, "via" | "more">,
  owner: PullReaderOwner,
): PullReader {
  if (typeof from !== "string" || !/^https?:/i.test(from)) {
    const url = typeof from === "string" ? parseRtmpUrl(from) : from;
    return new Upstream(environment, { what: "play", url, ...said }, owner);
  }
  return new HttpFlvSource(environment, parseHttpUrl(from), {
    onStarted: () => owner.onOpened(),
    onMedia: (type, timestamp, payload) => owner.onMedia(type, timestamp, payload),
    onTurn: () => owner.onTurn(),
    onEnd: (failure) => owner.onEnd(failure),
  });
}
