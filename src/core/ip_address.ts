/**
 * IP addresses in text form.
 *
 * @module
 */

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
    return groups.slice(6).flatMap((group) => [group >> 8, group & 255]).join(".");
  }
  if (groups.slice(0, 7).every((group) => group === 0)) return `::${groups[7]!.toString(16)}`;
  return groups.slice(0, 4).map((group) => group.toString(16)).join(":") + "::/64";
}

/** The eight numbers of an IPv6 address [RFC 4291 §2.2], or `undefined` if it is none. */
export function ipv6Groups(text: string): number[] | undefined {
  // A zone (`fe80::1%eth0`) says where an address is met, not whose it is.
  const halves = text.replace(/%.*$/, "").split("::");
  if (halves.length > 2) return undefined;
  const parts = halves.map((half) =>
    half === "" ? [] : half.split(":").flatMap((group) => {
      const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(group)?.slice(1).map(Number);
      if (v4 !== undefined) return [v4[0]! << 8 | v4[1]!, v4[2]! << 8 | v4[3]!];
      return /^[\da-f]{1,4}$/i.test(group) ? [parseInt(group, 16)] : [NaN];
    })
  );
  const [head, tail = []] = parts as [number[], number[]?];
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 0) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return groups.every((group) => group >= 0 && group <= 0xffff) ? groups : undefined;
}
