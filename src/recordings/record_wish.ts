/**
 * How a stream is to be recorded, as a plugin, an operator or its publisher says it.
 *
 * @module
 */

/** What files are: see the setting `record.format`. */
export type RecordFormat = "flv" | "mp4";

/** All formats, by the names that settings, plugins and the API use. */
export const RECORD_FORMATS = ["flv", "mp4"] as const satisfies readonly RecordFormat[];

/** How a stream is recorded. What is left out is as the settings of `record` have it. */
export interface RecordOptions {
  /** What its files are; with both, it is recorded twice. */
  readonly format?: RecordFormat | readonly RecordFormat[] | undefined;
  /** What its files are called, without folder and extension: a template such as `record.file`. */
  readonly file?: string | undefined;
  /** A file ends with the first key frame behind so much (ms), and another one begins; 0 is one file. */
  readonly segmentMs?: number | undefined;
  /** The same by size (bytes). */
  readonly segmentBytes?: number | undefined;
}

/** Longest segment (ms), and largest (bytes). */
export const MAX_SEGMENT_MS = 24 * 3_600_000;
/** See {@link MAX_SEGMENT_MS}. */
export const MAX_SEGMENT_BYTES = 2 ** 40;

/**
 * Whether a stream is recorded: as the settings say (`true`), in another way, not at all (`false`), or as
 * its publisher asks, with the type `record` or `append`, if it does (`asked`).
 */
export type RecordWish = boolean | "asked" | RecordOptions;
