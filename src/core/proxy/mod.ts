/**
 * Who is behind balancers and proxies.
 *
 * @module
 */
export { forwardedClient, type ForwardedHeader } from "./forwarded.ts";
export { type ProxiedClient, ProxyHeaderReader, type ProxyProgress } from "./header.ts";
export { isNetwork, Networks } from "./networks.ts";
