/**
 * How one stream is recorded: what the settings say, and what somebody wants to be otherwise.
 *
 * @module
 */
import type { RecordFormat, RecordOptions } from "../../recordings/record_wish.ts";

/** Who had a stream recorded. */
export type RecordSource = "settings" | "plugin" | "publisher" | "api";

/** What the settings say; see the configuration table. */
export interface PlanSettings {
  readonly format: RecordFormat;
  readonly file: string;
  readonly segmentMs: number;
  readonly segmentBytes: number;
}

/** How a stream is recorded in one format. */
export interface RecordPlan {
  readonly source: RecordSource;
  readonly format: RecordFormat;
  /** Template of the names of its files. */
  readonly file: string;
  /** A file ends with the first key frame behind so much (ms); 0 is one file. */
  readonly segmentMs: number;
  /** The same of bytes. */
  readonly segmentBytes: number;
  /** It is the one file `APPLICATION/NAME.flv`, as its publisher asked: anew, or going on with it. */
  readonly own?: "record" | "append";
}

/** One plan for each format. */
export function plansOf(
  settings: PlanSettings,
  source: RecordSource,
  options: RecordOptions = {},
): RecordPlan[] {
  const { format = settings.format, file = settings.file } = options;
  const { segmentMs = settings.segmentMs, segmentBytes = settings.segmentBytes } = options;
  const formats = new Set(typeof format === "string" ? [format] : format);
  return [...formats].map((format) => ({ source, format, file, segmentMs, segmentBytes }));
}

/** What a publisher gets that asks for it. */
export function ownPlan(type: "record" | "append"): RecordPlan {
  return {
    ...{ source: "publisher", format: "flv", file: "{name}", own: type },
    ...{ segmentMs: 0, segmentBytes: 0 },
  };
}

/** Whether one goes on in the files of the other: who asked for it, and how anew, makes no difference. */
export function samePlan(one: RecordPlan, other: RecordPlan): boolean {
  return one.format === other.format && one.file === other.file &&
    one.segmentMs === other.segmentMs && one.segmentBytes === other.segmentBytes &&
    (one.own === undefined) === (other.own === undefined);
}
