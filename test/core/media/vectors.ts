/**
 * The vectors of `test/vectors/media/`; its README.md says what is in them.
 *
 * @module
 */
import { readFileSync } from "node:fs";

/** A vector with what ffprobe says of it, and what the standard says where ffprobe cannot read it. */
export interface MediaVector<Values = Record<string, unknown>> {
  readonly name: string;
  readonly hex: string;
  readonly ffprobe: Values;
  readonly standard?: Values;
}

/** The vectors of a file; fails when there are fewer than `least`. */
export function mediaVectors<Vector = MediaVector>(file: string, least: number): Vector[] {
  const url = new URL(`../../vectors/media/${file}.json`, import.meta.url);
  const vectors: Vector[] = JSON.parse(readFileSync(url, "utf8"));
  if (vectors.length < least) throw new Error(`${file}: only ${vectors.length} vectors`);
  return vectors;
}

/** Every byte array of every file, for tests that want bytes of all kinds. */
export function allMediaBytes(): Uint8Array[] {
  const files = ["aac", "audio", "av1", "avc", "flv", "hevc", "metadata", "vp"];
  return files.flatMap((file) =>
    mediaVectors<{ hex: string; frame?: string }>(file, 1).flatMap(({ hex, frame }) =>
      [hex, frame ?? ""].filter((digits) => digits !== "").map(bytesOf)
    )
  );
}

/** Bytes of hex digits. */
export function bytesOf(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Bytes of bits, filled up with zeros; white space is not looked at. */
export function bytesOfBits(bits: string): Uint8Array {
  const bytes = bits.replace(/\s/g, "").match(/.{1,8}/g) ?? [];
  return Uint8Array.from(bytes, (byte) => parseInt(byte.padEnd(8, "0"), 2));
}

/** Bits of a sample in one of FFmpeg's pixel formats. */
export function bitDepthOf(pixelFormat: string): number {
  return Number(/(10|12)le$/.exec(pixelFormat)?.[1] ?? 8);
}

/** An object without its members that are `undefined`. */
export function compact(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** The payload of a NAL unit with emulation prevention bytes, by the words of H.264 §7.4.1. */
export function addEmulationPrevention(rbsp: Uint8Array): number[] {
  const nal: number[] = [];
  for (const byte of rbsp) {
    if (byte <= 3 && nal.at(-1) === 0 && nal.at(-2) === 0) nal.push(3);
    nal.push(byte);
  }
  return nal;
}
