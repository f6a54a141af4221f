/**
 * Where a Redirect sends clients, as people write it.
 *
 * @module
 */
import { ipv6Groups } from "../ip_address.ts";
import type { RedirectAddress } from "./startup.ts";

/** Reads `192.0.2.1:1935` or `[2001:db8::1]:1935`; `undefined` when it is neither. */
export function readRedirect(text: string): RedirectAddress | undefined {
  const match = /^(?:\[([\da-f:.]+)\]|([\d.]+)):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) return undefined;
  const [, v6, v4] = match;
  if (v4 !== undefined) {
    const bytes = v4.split(".").map(Number);
    const right = bytes.length === 4 && bytes.every((byte) => byte <= 255) &&
      !/\.\.|^\.|\.$/.test(v4);
    return right ? { ip: Uint8Array.from(bytes), port } : undefined;
  }
  const groups = ipv6Groups(v6!);
  if (groups === undefined) return undefined;
  return { ip: Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255])), port };
}
