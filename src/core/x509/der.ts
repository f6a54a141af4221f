/**
 * Writes DER, the encoding of certificates [X.690 §8, §10]: what a self-signed one is made of, and no
 * more.
 *
 * @module
 */
import { joined } from "../bytes/join.ts";

/** Tags [X.690 §8, X.680 §8.4]. */
export const Tag = {
  Boolean: 0x01,
  Integer: 0x02,
  BitString: 0x03,
  OctetString: 0x04,
  ObjectIdentifier: 0x06,
  Utf8String: 0x0c,
  Sequence: 0x30,
  Set: 0x31,
  UtcTime: 0x17,
  GeneralizedTime: 0x18,
} as const;

/** A value with its tag and length. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = joined(contents);
  return joined([Uint8Array.of(tag), lengthOf(content.length), content]);
}

/** A length: short below 128, else behind the number of its bytes [X.690 §8.1.3]. */
function lengthOf(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest & 0xff);
  return Uint8Array.of(0x80 | bytes.length, ...bytes);
}

/** Members in their order. */
export function sequence(...members: readonly Uint8Array[]): Uint8Array {
  return der(Tag.Sequence, ...members);
}

/** A number that is not negative, from its bytes, as few as there can be [X.690 §8.3]. */
export function integer(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const significant = bytes.subarray(start);
  const negative = significant.length === 0 || significant[0]! >= 0x80;
  return der(Tag.Integer, ...(negative ? [Uint8Array.of(0)] : []), significant);
}

/** Whole bytes of bits [X.690 §8.6]. */
export function bitString(bytes: Uint8Array, unused = 0): Uint8Array {
  return der(Tag.BitString, Uint8Array.of(unused), bytes);
}

/** The name of something by numbers, such as `2.5.4.3` [X.690 §8.19]. */
export function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...others] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...others].flatMap((number) => {
    const digits = [number & 0x7f];
    for (let rest = number >> 7; rest > 0; rest >>>= 7) digits.unshift(0x80 | (rest & 0x7f));
    return digits;
  });
  return der(Tag.ObjectIdentifier, Uint8Array.from(bytes));
}

/**
 * An instant, by its text in ISO 8601 and UTC: with two digits of the year up to 2049, with four from
 * then on [RFC 5280 §4.1.2.5].
 */
export function time(iso: string): Uint8Array {
  const digits = `${iso.slice(0, 19).replace(/\D/g, "")}Z`;
  const early = digits < "2050";
  return der(early ? Tag.UtcTime : Tag.GeneralizedTime, ascii(early ? digits.slice(2) : digits));
}

/** Text of which every character is one byte. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
