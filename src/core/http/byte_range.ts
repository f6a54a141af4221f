/**
 * The range of bytes that a request asks for [RFC 9110 §14.1.2].
 *
 * @module
 */

/** One range. Several at once, and what is no range, are as if not asked for. */
const RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/;

/**
 * Which bytes are asked for of `size`.
 *
 * @returns first and behind the last; `none` when none of them is there
 */
export function rangeOf(
  range: string | null | undefined,
  size: number,
): [number, number] | "all" | "none" {
  const [, first = "", last = ""] = RANGE.exec(range ?? "") ?? [];
  if (first === "" && last === "") return "all";
  if (first === "") {
    const length = Math.min(size, Number(last));
    return length === 0 ? "none" : [size - length, size];
  }
  const from = Number(first);
  if (last !== "" && Number(last) < from) return "all";
  if (from >= size) return "none";
  return [from, last === "" ? size : Math.min(size, Number(last) + 1)];
}
