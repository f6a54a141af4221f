/**
 * The checksum of packets without a code of their own [RFC 7425 §4.6.1], that of the internet.
 *
 * @module
 */

/** The complement of the sum of `bytes[start..end)`, of words of 16 bits. */
export function checksum(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  let at = start;
  for (; at + 1 < end; at += 2) sum += bytes[at]! << 8 | bytes[at + 1]!;
  // A byte that is left alone counts as a low one here, as in the old programs.
  if (at < end) sum += bytes[at]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}
