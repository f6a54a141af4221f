/**
 * The program config element of AAC, which lists channels no channel configuration has
 * [ISO/IEC 14496-3 §4.4.1.1].
 *
 * @module
 */
import type { BitReader } from "../fields/bits.ts";
import { plausibleChannels } from "../fields/plausible.ts";

/** Reads an element to its end and counts its channels. */
export function countProgramChannels(reader: BitReader): number | undefined {
  reader.skip(4 + 2 + 4); // element_instance_tag, object_type, sampling_frequency_index
  const [front, side, back] = [reader.bits(4), reader.bits(4), reader.bits(4)];
  const lowFrequency = reader.bits(2);
  const associatedData = reader.bits(3);
  const coupling = reader.bits(4);
  if (reader.flag()) reader.skip(4); // mono_mixdown_element_number
  if (reader.flag()) reader.skip(4); // stereo_mixdown_element_number
  if (reader.flag()) reader.skip(3); // matrix_mixdown
  let channels = lowFrequency;
  for (let element = 0; element < front + side + back; element++) {
    channels += reader.flag() ? 2 : 1; // a pair or a single
    reader.skip(4); // tag
  }
  reader.skip(4 * (lowFrequency + associatedData) + 5 * coupling);
  reader.align();
  reader.skip(8 * reader.bits(8)); // comment
  return plausibleChannels(channels);
}
