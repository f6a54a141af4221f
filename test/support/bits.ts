/**
 * Bytes from fields of bits, as specifications write headers.
 *
 * @module
 */

/** A number of so many bits. */
export type Field = readonly [value: number, bits: number];

/** The fields one behind the other, the highest bit first; zeros up to a whole byte. */
export function bytesOfFields(fields: readonly Field[]): Uint8Array {
  const text = fields.map(([value, bits]) => value.toString(2).padStart(bits, "0")).join("");
  return Uint8Array.from(text.match(/.{1,8}/g) ?? [], (bits) => parseInt(bits.padEnd(8, "0"), 2));
}
