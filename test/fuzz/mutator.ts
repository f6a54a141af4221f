/**
 * Damages bytes.
 *
 * @module
 */
import type { Dice } from "./dice.ts";

const BYTES = [0, 1, 2, 3, 4, 9, 10, 17, 0x7f, 0x80, 0xbf, 0xc0, 0xc3, 0xff];

/** Bytes like `bytes`, with some damage done to them. */
export function mutated(dice: Dice, bytes: number[]): number[] {
  let result = bytes.slice();
  for (let i = dice.between(1, 4); i > 0 && result.length > 0; i--) {
    result = damaged(dice, result);
  }
  return result;
}

function damaged(dice: Dice, bytes: number[]): number[] {
  const at = dice.below(bytes.length);
  const length = Math.min(bytes.length - at, 1 + dice.below(dice.chance(0.8) ? 8 : 200));
  switch (dice.below(8)) {
    case 0:
    case 1:
      bytes[at] = bytes[at]! ^ (1 << dice.below(8));
      return bytes;
    case 2:
      bytes[at] = dice.pick(BYTES);
      return bytes;
    case 3:
      bytes.splice(at, length);
      return bytes;
    case 4:
      bytes.splice(at, 0, ...bytes.slice(at, at + length));
      return bytes;
    case 5:
      bytes.splice(at, 0, ...dice.bytes(length));
      return bytes;
    case 6: {
      // A part goes somewhere else.
      const part = bytes.splice(at, length);
      bytes.splice(dice.below(bytes.length + 1), 0, ...part);
      return bytes;
    }
    default:
      return dice.chance(0.3) ? bytes.slice(0, at) : bytes;
  }
}
