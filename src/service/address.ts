/**
 * Addresses: as people write them, and as limits count them.
 *
 * @module
 */
import { ipv6Groups } from "../core/ipv6.ts";
import type { Address } from "../ports.ts";

/** `address:port`, with brackets around an IPv6 address. */
export function formatAddress({ hostname, port }: Address): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/**
 * What counts as one address: an IPv4 address, also where it is mapped to IPv6, and the first 64 bits
 * of an IPv6 address, which is what one customer has at least. Text that is neither stands for itself.
 */
export function addressGroup(hostname: string): string {
  if (!hostname.includes(":")) return hostname;
  const groups = ipv6Groups(hostname);
  if (groups === undefined) return hostname;
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (mapped) {
    return groups.slice(6).flatMap((group) => [group >>> 8, group & 255]).join(".");
  }
  if (groups.slice(0, 7).every((group) => group === 0)) return `::${groups[7]!.toString(16)}`;
  return groups.slice(0, 4).map((group) => group.toString(16)).join(":") + "::/64";
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
