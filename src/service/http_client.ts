/**
 * A client that came over HTTP, as plugins are told of it.
 *
 * @module
 */
import type { ConnectContext, Protocol } from "../plugin/mod.ts";
import type { Address } from "../ports.ts";

/** What plugins are told of who sent `request`. `query` holds the parameters that count. */
export function httpContext(
  sessionId: string,
  protocol: Protocol,
  request: Request,
  remote: Address,
  app: string,
  query: URLSearchParams,
): ConnectContext {
  const { headers, url } = request;
  return {
    sessionId,
    client: {
      protocol,
      secure: url.startsWith("https:"),
      address: remote,
      agent: headers.get("User-Agent") ?? "",
    },
    app,
    query,
    http: {
      url,
      referer: headers.get("Referer") ?? undefined,
      authorization: headers.get("Authorization") ?? undefined,
    },
  };
}
