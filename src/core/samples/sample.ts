/**
 * One coded picture or piece of sound on the time line of its track.
 *
 * @module
 */

/** A sample. All times are in ticks of the track's timescale, from the beginning of the stream. */
export interface Sample {
  /** Decode time; never below 0, and above that of the sample before it. */
  readonly dts: number;
  /** How long it lasts. A later sample may begin behind its end, where something is missing. */
  readonly duration: number;
  /** Presentation time less decode time; may be negative. */
  readonly composition: number;
  /** A decoder can start here; true of all sound. */
  readonly key: boolean;
  /** The coded bytes, of H.264 and H.265 NAL units with their sizes in front. */
  readonly data: Uint8Array;
  /** How many these are, where they were taken to another place before; `data` is empty then. */
  readonly size?: number;
}

/** How many coded bytes a sample has. */
export function sampleBytes({ data, size = data.length }: Sample): number {
  return size;
}
