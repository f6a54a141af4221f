/**
 * The sequence header of FLAC.
 *
 * @module
 */
import type { AudioFormat } from "./audio_format.ts";
import { BitReader } from "../fields/bits.ts";
import { startsWith } from "../fields/magic.ts";
import { plausibleSampleRate } from "../fields/plausible.ts";

/** Reads a FLAC STREAMINFO [RFC 9639 §8.2], with `fLaC` and the block header or without. */
export function parseFlacConfig(config: Uint8Array): AudioFormat | undefined {
  const reader = new BitReader(config);
  if (startsWith(config, "fLaC")) {
    reader.skip(32 + 1);
    if (reader.bits(7) !== 0) return undefined; // STREAMINFO comes first
    reader.skip(24);
  }
  reader.skip(16 + 16 + 24 + 24); // block and frame sizes
  const sampleRate = plausibleSampleRate(reader.bits(20));
  const channels = reader.bits(3) + 1;
  const bitDepth = reader.bits(5) + 1;
  reader.skip(36 + 128); // samples, MD5
  return reader.failed || sampleRate === undefined ? undefined : { sampleRate, channels, bitDepth };
}
