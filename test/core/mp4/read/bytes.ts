/**
 * Boxes of files by hand.
 *
 * @module
 */
import { joined } from "../../../../src/core/bytes/join.ts";

/** A number of four bytes. */
export const u32 = (value: number): number[] => [
  value >>> 24,
  value >>> 16 & 255,
  value >>> 8 & 255,
  value & 255,
];

/** A number of eight bytes. */
export const u64 = (value: number): number[] => [
  ...u32(Math.floor(value / 2 ** 32)),
  ...u32(value % 2 ** 32),
];

/** A box with its head. */
export function box(type: string, ...contents: (readonly number[] | Uint8Array)[]): Uint8Array {
  const body = joined(contents.map((part) => Uint8Array.from(part)));
  const name = [...type].map((letter) => letter.charCodeAt(0));
  return Uint8Array.from([...u32(8 + body.length), ...name, ...body]);
}

/** The contents of a box: of version and flags, and what comes behind them. */
export function full(
  version: number,
  flags: number,
  ...contents: (readonly number[] | Uint8Array)[]
): Uint8Array {
  return joined([
    Uint8Array.from([version, ...u32(flags).slice(1)]),
    ...contents.map((part) => Uint8Array.from(part)),
  ]);
}
