/**
 * Writes AMF as peers and attackers do: valid values of all kinds, and values that lie about counts,
 * lengths and references. Independent of the encoders under test.
 *
 * @module
 */
import type { Dice } from "./dice.ts";

/** Names and texts that matter to somebody. */
export const WORDS = [
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "then", "toJSON"],
  ...["app", "tcUrl", "flashVer", "objectEncoding", "fourCcList", "capsEx", "streamName", "*"],
  ...["onMetaData", "@setDataFrame", "@clearDataFrame", "|RtmpSampleAccess", "live", "test", ""],
  ...["videocodecid", "width", "framerate", "audiosamplerate", "stereo", "hvc1", "mp4a"],
  ...["../../etc", "a/b", "test?key=1&key=2", "%41", "mp4:test", "\u0000", "\ud800", "🎥"],
];

const utf8 = new TextEncoder();

/** Big-endian bytes of an unsigned number. */
export function unsigned(value: number, length: number): number[] {
  return Array.from({ length }, (_, i) => Math.floor(value / 256 ** (length - 1 - i)) & 255);
}

/** Bytes of a double. */
export function double(value: number): number[] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return [...bytes];
}

function text(dice: Dice): number[] {
  if (dice.chance(0.1)) return dice.bytes(dice.below(20));
  return [...utf8.encode(dice.pick(WORDS))];
}

/** A string of 16 bit length without marker. */
export function shortText(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length, 2), ...bytes];
}

/** An AMF0 string. */
export function amfString(value: string): number[] {
  return [2, ...shortText([...utf8.encode(value)])];
}

/** An AMF0 number. */
export function amfNumber(value: number): number[] {
  return [0, ...double(value)];
}

function number(dice: Dice): number {
  return dice.pick([0, 1, -1, 0.5, 7, NaN, Infinity, -2000, 2 ** 32, dice.edge(31), 3]);
}

/** A count of what follows: mostly true. */
function count(dice: Dice, truth: number, bits: number): number {
  return dice.chance(0.04) ? dice.edge(bits) : truth;
}

function members(dice: Dice, depth: number): number[] {
  const entries = Array.from({ length: dice.below(4) }, () => [
    ...shortText(text(dice)),
    ...amf0(dice, depth - 1),
  ]);
  const end = dice.chance(0.04) ? [] : [0, 0, 9];
  return [...entries.flat(), ...end];
}

/** One AMF0 value [AMF0 §2]. */
export function amf0(dice: Dice, depth = 3): number[] {
  const kind = dice.below(depth > 0 ? 17 : 11);
  switch (kind) {
    case 0:
    case 1:
      return amfNumber(number(dice));
    case 2:
      return [1, dice.below(3)];
    case 3:
    case 4:
      return [2, ...shortText(text(dice))];
    case 5:
      return [dice.pick([5, 6, 13])];
    case 6:
      return [7, ...unsigned(dice.chance(0.8) ? dice.below(3) : dice.edge(16), 2)];
    case 7:
      return [11, ...double(number(dice)), ...dice.bytes(2)];
    case 8: {
      const long = text(dice);
      return [dice.pick([12, 15]), ...unsigned(count(dice, long.length, 32), 4), ...long];
    }
    case 9:
      return [dice.pick([4, 9, 14, 17, 18, 127, 255])];
    case 10:
      return [17, ...amf3(dice, depth)];
    case 11:
    case 12:
      return [3, ...members(dice, depth)];
    case 13:
      return [8, ...unsigned(dice.edge(32), 4), ...members(dice, depth)];
    case 14:
      return [16, ...shortText(text(dice)), ...members(dice, depth)];
    default: {
      const items = Array.from({ length: dice.below(4) }, () => amf0(dice, depth - 1));
      return [10, ...unsigned(count(dice, items.length, 32), 4), ...items.flat()];
    }
  }
}

/** An unsigned number of 29 bits [AMF3 §1.3.1]. */
export function u29(value: number): number[] {
  if (value < 0x80) return [value];
  if (value < 0x4000) return [value >> 7 | 0x80, value & 0x7f];
  if (value < 0x200000) return [value >> 14 | 0x80, value >> 7 | 0x80, value & 0x7f];
  return [value >> 22 | 0x80, value >> 15 | 0x80, value >> 8 | 0x80, value & 0xff]
    .map((byte) => byte & 0xff);
}

/** A header of 28 bits and the flag that says "here", or sometimes a reference. */
function header(dice: Dice, value: number): number[] {
  if (dice.chance(0.1)) return u29(dice.below(4) << 1);
  return u29(count(dice, value, 28) << 1 | 1);
}

function text3(dice: Dice): number[] {
  const bytes = text(dice);
  return [...header(dice, bytes.length), ...bytes];
}

/** One AMF3 value [AMF3 §3]. */
export function amf3(dice: Dice, depth = 3): number[] {
  const kind = dice.below(depth > 0 ? 15 : 9);
  switch (kind) {
    case 0:
    case 1:
      return [dice.below(4)];
    case 2:
      return [4, ...u29(dice.edge(29))];
    case 3:
      return [5, ...double(number(dice))];
    case 4:
      return [6, ...text3(dice)];
    case 5:
      return [dice.pick([7, 11, 12]), ...text3(dice)];
    case 6:
      return [8, ...header(dice, 0), ...double(number(dice))];
    case 7: {
      const [marker, width] = dice.pick([[13, 4], [14, 4], [15, 8]] as const);
      const items = dice.below(4);
      return [marker, ...header(dice, items), dice.below(2), ...dice.bytes(items * width)];
    }
    case 8:
      return [dice.pick([18, 100, 255])];
    case 9:
    case 10: {
      const items = Array.from({ length: dice.below(4) }, () => amf3(dice, depth - 1));
      return [9, ...header(dice, items.length), 1, ...items.flat()];
    }
    case 11: {
      const items = Array.from({ length: dice.below(4) }, () => amf3(dice, depth - 1));
      return [16, ...header(dice, items.length), dice.below(2), ...text3(dice), ...items.flat()];
    }
    case 12: {
      const pairs = Array.from({ length: 2 * dice.below(3) }, () => amf3(dice, depth - 1));
      return [17, ...header(dice, pairs.length / 2), dice.below(2), ...pairs.flat()];
    }
    default:
      return [10, ...object3(dice, depth)];
  }
}

function object3(dice: Dice, depth: number): number[] {
  const sealed = dice.below(3);
  const flags = dice.below(8);
  const names = Array.from({ length: sealed }, () => text3(dice)).flat();
  const values = Array.from({ length: sealed }, () => amf3(dice, depth - 1)).flat();
  const rest = [...text3(dice), ...amf3(dice, depth - 1), 1];
  const head = u29(count(dice, sealed, 25) << 4 | flags << 1 | 1);
  return [...head, ...text3(dice), ...names, ...values, ...rest];
}
