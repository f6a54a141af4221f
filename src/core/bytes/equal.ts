/**
 * Comparing what must not leak by how long it takes.
 *
 * @module
 */

/** Compares in a time that depends on the length alone. */
export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (let index = 0; index < one.length; index++) difference |= one[index]! ^ other[index]!;
  return difference === 0;
}
