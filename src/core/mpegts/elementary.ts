/**
 * How the samples of each codec are written into a transport stream.
 *
 * @module
 */
import { aacFraming } from "../samples/aac_framing.ts";
import { LOWEST_MPEG1_RATE } from "../samples/mpeg_audio.ts";
import type { Sample } from "../samples/sample.ts";
import type { TrackFormat } from "../samples/track_format.ts";
import { ADTS_LENGTH, adtsProblem, MAX_ADTS_FRAME, writeAdts } from "./adts.ts";
import { AnnexB } from "./annex_b.ts";

/** stream_id of pictures, of sound, and of sound that MPEG does not know [ISO/IEC 13818-1 table 2-22]. */
const VIDEO = 0xe0;
const AUDIO = 0xc0;
const PRIVATE = 0xbd;

/** Writes the samples of one track. */
export interface Elementary {
  /** stream_type in the program map [ISO/IEC 13818-1 table 2-34], [ATSC A/53 part 3]. */
  readonly streamType: number;
  readonly registration?: string;
  /** stream_id of its packets. */
  readonly streamId: number;
  /** Bytes of a sample; 0 for one that cannot be written. */
  measure(sample: Sample): number;
  /** Writes the sample that was measured last. */
  write(sample: Sample, target: Uint8Array, offset: number): void;
}

/** Why a transport stream cannot hold a track; nothing if it can. */
export function mpegTsProblem(format: TrackFormat): string | undefined {
  switch (format.codec) {
    case "avc":
    case "hevc":
    case "mp3":
    case "ac3":
    case "eac3":
      return undefined;
    case "aac": {
      const framing = aacFraming(format.config);
      return framing === undefined ? "The configuration of AAC is damaged" : adtsProblem(framing);
    }
    default:
      return `${format.codec} has no place in MPEG-TS here`;
  }
}

/** The writer of a track that has no problem. */
export function elementary(format: TrackFormat): Elementary {
  switch (format.codec) {
    case "avc":
      return ofPictures(0x1b, new AnnexB(format));
    case "hevc":
      return { ...ofPictures(0x24, new AnnexB(format)), registration: "HEVC" };
    case "mp3":
      return asItIs(format.sampleRate >= LOWEST_MPEG1_RATE ? 0x03 : 0x04, AUDIO);
    case "ac3":
      return { ...asItIs(0x81, PRIVATE), registration: "AC-3" };
    case "eac3":
      return { ...asItIs(0x87, PRIVATE), registration: "EAC3" };
    default:
      return ofAac(format.config);
  }
}

function ofPictures(streamType: number, annexB: AnnexB): Elementary {
  return {
    ...{ streamType, streamId: VIDEO },
    measure: (sample) => annexB.measure(sample),
    write: (sample, target, offset) => annexB.write(sample, target, offset),
  };
}

function asItIs(streamType: number, streamId: number): Elementary {
  return {
    ...{ streamType, streamId },
    measure: ({ data }) => data.length,
    write: ({ data }, target, offset) => target.set(data, offset),
  };
}

function ofAac(config: Uint8Array): Elementary {
  const framing = aacFraming(config)!;
  return {
    ...{ streamType: 0x0f, streamId: AUDIO },
    measure({ data: { length } }) {
      return length + ADTS_LENGTH > MAX_ADTS_FRAME ? 0 : length + ADTS_LENGTH;
    },
    write({ data }, target, offset) {
      writeAdts(framing, data.length, target, offset);
      target.set(data, offset + ADTS_LENGTH);
    },
  };
}
