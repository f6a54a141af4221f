/**
 * Addresses: as people write them, and as limits count them.
 *
 * @module
 */
import { addressGroup } from "../core/ip_address.ts";
import type { Address } from "../ports.ts";

export { addressGroup };

/** `address:port`, with brackets around an IPv6 address. */
export function formatAddress({ hostname, port }: Address): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** Whether a group is this machine's own. */
export function isLoopbackGroup(group: string): boolean {
  return group === "::1" || /^127(?:\.\d{1,3}){3}$/.test(group);
}

/** Whether an IP address is this machine's own, IPv4 mapped to IPv6 included. */
export function isLoopbackAddress(address: string): boolean {
  return isLoopbackGroup(addressGroup(address));
}

/** Whether a host, as it stands in a URL or a setting, is this machine's own. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  return bare === "localhost" || isLoopbackAddress(bare);
}
