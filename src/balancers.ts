/**
 * The balancers in front of a server, as it is configured.
 *
 * @module
 */
import type { ProxyConfig } from "./config/mod.ts";
import { forwardedClient, Networks, ProxyHeaderReader } from "./core/proxy/mod.ts";
import { loggerOf } from "./log/log.ts";
import type { Clock, HttpHandler, Proxies } from "./ports.ts";
import { formatAddress } from "./service/address.ts";
import { LimitedLog } from "./service/limited_log.ts";

/** Those that begin connections with a header of the PROXY protocol, of which they have so long (ms). */
export function balancersOf({ trusted }: ProxyConfig, headerMs: number, clock: Clock): Proxies {
  const networks = new Networks(trusted);
  const log = new LimitedLog(loggerOf("server"));
  return {
    has: (hostname) => networks.has(hostname),
    reader: () => new ProxyHeaderReader(),
    headerMs,
    onWrong(balancer, why) {
      const properties = { peer: formatAddress(balancer), why };
      log.say("warn", "balancer turned away", properties, clock.now());
    },
  };
}

/** A handler whose requests come from who stands behind the proxies that are trusted. */
export function forwardedHandler(handler: HttpHandler, config: ProxyConfig): HttpHandler {
  const { http: header } = config;
  if (header !== "forwarded" && header !== "x-forwarded-for") return handler;
  const networks = new Networks(config.trusted);
  const trusts = (hostname: string) => networks.has(hostname);
  return (request, remote, about) => {
    const value = trusts(remote.hostname) ? request.headers.get(header) : null;
    const client = value === null ? remote : forwardedClient(header, value, remote, trusts);
    return handler(request, client, about);
  };
}
