/**
 * Addresses as people write them.
 *
 * @module
 */
import type { Address } from "../../ports.ts";

/** `address:port`, with brackets around an IPv6 address. */
export function formatAddress({ hostname, port }: Address): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}
