/**
 * Who the client of a request is, by what proxies wrote into it: `X-Forwarded-For`, or `Forwarded`
 * [RFC 7239].
 *
 * @module
 */
import type { ProxiedClient } from "./header.ts";
import { formatIp, parseIp } from "./ip.ts";

/** A header in which proxies say for whom they ask. */
export type ForwardedHeader = "forwarded" | "x-forwarded-for";

/** A pair of an element of `Forwarded`, or what separates: tokens, quoted strings, commas, semicolons. */
const PART = /\s*(?:([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))|([;,]))\s*/gy;

/**
 * The client that stands behind `peer`, which is trusted: the last one in `value` that is no proxy that is
 * trusted as well; the first one where all are. What is no address ends the search: who wrote it is then all that is known.
 *
 * @param value all lines of the header, with commas between
 */
export function forwardedClient(
  header: ForwardedHeader,
  value: string,
  peer: ProxiedClient,
  trusts: (hostname: string) => boolean,
): ProxiedClient {
  const hops = header === "forwarded" ? forwardedHops(value) : value.split(",");
  let client = peer;
  for (const hop of hops.reverse()) {
    const address = readNode(hop.trim());
    if (address === undefined) break;
    client = address;
    if (!trusts(client.hostname)) break;
  }
  return client;
}

/** `for` of each element, in order; an empty text where there is none. */
function forwardedHops(value: string): string[] {
  const hops = [""];
  let at = 0;
  for (const match of value.matchAll(PART)) {
    at = match.index + match[0].length;
    const [, name, quoted, plain, separator] = match;
    if (separator === ",") hops.push("");
    else if (name?.toLowerCase() === "for") {
      hops[hops.length - 1] = quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "";
    }
  }
  // What is behind a mistake came last: nothing is known of it.
  if (at < value.length) hops.push("");
  return hops;
}

/** An address with a port or without: `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]:80`, `2001:db8::1`. */
function readNode(text: string): ProxiedClient | undefined {
  const [, bracketed, plain, port = "0"] =
    /^(?:\[([^\]]*)\]|([\d.]+)|)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const bytes = parseIp(bracketed ?? plain ?? text);
  if (bytes === undefined || Number(port) > 65_535) return undefined;
  return { hostname: formatIp(bytes), port: bracketed ?? plain ? Number(port) : 0 };
}
