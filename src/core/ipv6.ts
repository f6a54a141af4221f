/**
 * IPv6 addresses in text form.
 *
 * @module
 */

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
