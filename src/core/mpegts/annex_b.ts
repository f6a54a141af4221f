/**
 * Pictures of H.264 and H.265 as a byte stream: NAL units behind start codes, an access unit delimiter
 * first, parameter sets in front of every picture to start at [H.264 annex B], [H.265 annex B],
 * [ISO/IEC 13818-1 §2.14, §2.17].
 *
 * @module
 */
import { avcParameterSets, hevcArrays } from "../samples/parameter_sets.ts";
import type { Sample } from "../samples/sample.ts";
import type { VideoTrackFormat } from "../samples/track_format.ts";

/** Bytes of a start code. */
const START_CODE = 4;

/** nal_unit_type of delimiters and sequence parameter sets. */
const AVC_DELIMITER = 9;
const AVC_SPS = 7;
const HEVC_DELIMITER = 35;
const HEVC_SPS = 33;

/** Delimiters that say that slices of any type follow. */
const AVC_DELIMITER_UNIT = [0x09, 0xf0];
const HEVC_DELIMITER_UNIT = [0x46, 0x01, 0x50];

/** Turns the samples of one track into access units of a byte stream. */
export class AnnexB {
  readonly #isHevc: boolean;
  readonly #nalLength: number;
  readonly #delimiter: Uint8Array;
  /** The parameter sets of the configuration behind start codes. */
  readonly #sets: Uint8Array;
  /** Of the sample that was measured last: it has parameter sets of its own. */
  #hasSets = false;

  constructor(format: VideoTrackFormat) {
    this.#isHevc = format.codec === "hevc";
    this.#nalLength = format.nalLength;
    const sets = this.#isHevc
      ? (hevcArrays(format.config) ?? []).flatMap(({ units }) => units)
      : avcParameterSets(format.config) ?? [];
    this.#delimiter = withStartCodes([this.#isHevc ? HEVC_DELIMITER_UNIT : AVC_DELIMITER_UNIT]);
    this.#sets = withStartCodes(sets);
  }

  /** Bytes of the access unit of a sample; 0 when there is no NAL unit in it. */
  measure({ data, key }: Sample): number {
    const nalLength = this.#nalLength;
    let size = 0;
    this.#hasSets = false;
    for (let at = 0; at + nalLength < data.length;) {
      const length = unitLength(data, at, nalLength);
      at += nalLength;
      if (at + length > data.length) break;
      const type = length === 0 ? -1 : this.#typeOf(data[at]!);
      if (type === (this.#isHevc ? HEVC_SPS : AVC_SPS)) this.#hasSets = true;
      if (this.#isKept(type)) size += START_CODE + length;
      at += length;
    }
    if (size === 0) return 0;
    return this.#delimiter.length + (key && !this.#hasSets ? this.#sets.length : 0) + size;
  }

  /** Writes the sample that was measured last, where there are zeros so far. */
  write({ data, key }: Sample, target: Uint8Array, offset: number): void {
    const nalLength = this.#nalLength;
    target.set(this.#delimiter, offset);
    let to = offset + this.#delimiter.length;
    if (key && !this.#hasSets) {
      target.set(this.#sets, to);
      to += this.#sets.length;
    }
    for (let at = 0; at + nalLength < data.length;) {
      const length = unitLength(data, at, nalLength);
      at += nalLength;
      const end = at + length;
      if (end > data.length) break;
      if (length > 0 && this.#isKept(this.#typeOf(data[at]!))) {
        target[to + START_CODE - 1] = 1;
        target.set(data.subarray(at, end), to + START_CODE);
        to += START_CODE + length;
      }
      at = end;
    }
  }

  #typeOf(header: number): number {
    return this.#isHevc ? header >> 1 & 63 : header & 31;
  }

  /** Empty units and delimiters, which are written anew, are left out. */
  #isKept(type: number): boolean {
    return type >= 0 && type !== (this.#isHevc ? HEVC_DELIMITER : AVC_DELIMITER);
  }
}

function unitLength(data: Uint8Array, at: number, nalLength: number): number {
  let length = 0;
  for (let index = 0; index < nalLength; index++) length = length * 256 + data[at + index]!;
  return length;
}

function withStartCodes(units: readonly ArrayLike<number>[]): Uint8Array {
  const bytes: number[] = [];
  for (const unit of units) bytes.push(0, 0, 0, 1, ...Array.from(unit));
  return Uint8Array.from(bytes);
}
