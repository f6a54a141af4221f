/**
 * What an IP address is for: who dials where somebody else says, must not reach into its own network.
 *
 * @module
 */
import { ipv6Groups } from "../../core/ip_address.ts";

/** What an address is for; `public` is for all of the Internet. */
export type AddressKind =
  | "public"
  | "loopback"
  | "private"
  | "link-local"
  | "unspecified"
  | "multicast"
  | "reserved";

/** IPv4 networks that are not public, as the first address, bits and kind [IANA, RFC 6890]. */
const V4: readonly (readonly [first: string, bits: number, kind: AddressKind])[] = [
  ["0.0.0.0", 8, "unspecified"],
  ["10.0.0.0", 8, "private"],
  ["100.64.0.0", 10, "private"],
  ["127.0.0.0", 8, "loopback"],
  ["169.254.0.0", 16, "link-local"],
  ["172.16.0.0", 12, "private"],
  ["192.0.0.0", 24, "reserved"],
  ["192.0.2.0", 24, "reserved"],
  ["192.168.0.0", 16, "private"],
  ["198.18.0.0", 15, "reserved"],
  ["198.51.100.0", 24, "reserved"],
  ["203.0.113.0", 24, "reserved"],
  ["224.0.0.0", 4, "multicast"],
  ["240.0.0.0", 4, "reserved"],
];

/** What `address`, an IP address in text form, is for. What is none is `reserved`. */
export function addressKind(address: string): AddressKind {
  const v4 = v4Number(address);
  if (v4 !== undefined) return v4Kind(v4);
  const groups = ipv6Groups(address);
  if (groups === undefined) return "reserved";
  return v6Kind(groups);
}

function v4Number(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

function v4Kind(address: number): AddressKind {
  for (const [first, bits, kind] of V4) {
    const size = 2 ** (32 - bits);
    const start = v4Number(first)!;
    if (address >= start && address < start + size) return kind;
  }
  return "public";
}

function v6Kind(groups: readonly number[]): AddressKind {
  const [first, second] = [groups[0]!, groups[1]!];
  const embedded = (from: number) => v4Kind(groups[from]! * 65536 + groups[from + 1]!);
  const zeros = groups.findIndex((group) => group !== 0);
  if (zeros === -1) return "unspecified";
  if (zeros === 7 && groups[7] === 1) return "loopback";
  // IPv4 in it: mapped, compatible, of NAT64 [RFC 6052], of 6to4 [RFC 3056].
  if (zeros === 5 && groups[5] === 0xffff) return embedded(6);
  if (zeros >= 6) return embedded(6);
  if (first === 0x64 && second === 0xff9b) return embedded(6);
  if (first === 0x2002) return embedded(1);
  if ((first & 0xfe00) === 0xfc00) return "private";
  if ((first & 0xffc0) === 0xfe80) return "link-local";
  if ((first & 0xffc0) === 0xfec0) return "private";
  if ((first & 0xff00) === 0xff00) return "multicast";
  // Global unicast is one eighth of all [RFC 4291 §2.4]; documentation is none of it.
  if ((first & 0xe000) !== 0x2000) return "reserved";
  if (first === 0x2001 && second === 0xdb8) return "reserved";
  return "public";
}
