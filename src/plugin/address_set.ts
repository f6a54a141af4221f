/**
 * Sets of IP addresses, as operators write them: single ones, and ranges such as `10.0.0.0/8`.
 *
 * @module
 */
import { ipv6Groups } from "../core/ip_address.ts";

/** Bits that an IPv4 address has in front where it is mapped to IPv6 [RFC 4291 §2.5.5.2]. */
const MAPPED_BITS = 96;

/** Whether `text` is an IP address, or a range of them in the form of CIDR. */
export function isAddressRange(text: string): boolean {
  return readRange(text) !== undefined;
}

/** Knows which addresses are in it. To look costs as many steps as there are lengths of prefixes. */
export class AddressSet {
  /** By the length of the prefix, the prefixes. IPv4 is mapped to IPv6. */
  readonly #prefixes = new Map<number, Set<string>>();

  /** What is no address and no range is left out: see {@link isAddressRange}. */
  constructor(ranges: Iterable<string>) {
    for (const text of ranges) {
      const range = readRange(text);
      if (range === undefined) continue;
      const { bits, groups } = range;
      const known = this.#prefixes.get(bits) ?? new Set();
      this.#prefixes.set(bits, known.add(prefixOf(groups, bits)));
    }
  }

  /** Whether an address is in it; what is none is not. */
  has(address: string): boolean {
    const groups = groupsOf(address);
    if (groups === undefined) return false;
    // Ranges of IPv6 that are wider than all of IPv4 mean no IPv4 address.
    const least = isMapped(groups) ? MAPPED_BITS : 0;
    for (const [bits, known] of this.#prefixes) {
      if (bits < least) continue;
      if (known.has(prefixOf(groups, bits))) return true;
    }
    return false;
  }
}

function readRange(text: string): { groups: number[]; bits: number } | undefined {
  const [, address, length] = /^([^/%]{1,64}?)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const groups = address === undefined ? undefined : groupsOf(address);
  if (groups === undefined) return undefined;
  const width = address!.includes(":") ? 128 : 32;
  const bits = length === undefined ? width : Number(length);
  if (bits > width) return undefined;
  return { groups, bits: width === 32 ? bits + MAPPED_BITS : bits };
}

/** An address as eight numbers, IPv4 mapped to IPv6. */
function groupsOf(address: string): number[] | undefined {
  if (address.includes(":")) return ipv6Groups(address);
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return [0, 0, 0, 0, 0, 0xffff, parts[0]! << 8 | parts[1]!, parts[2]! << 8 | parts[3]!];
}

function isMapped(groups: readonly number[]): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
}

/** The first `bits` of an address, for comparison. */
function prefixOf(groups: readonly number[], bits: number): string {
  let text = "";
  for (let left = bits, index = 0; left > 0; left -= 16, index++) {
    text += `:${left >= 16 ? groups[index]! : groups[index]! >>> 16 - left}`;
  }
  return text;
}
