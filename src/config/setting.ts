/**
 * What a setting is: its group, its text, its type and bounds. The schema is made of these.
 *
 * @module
 */
import * as v from "valibot";

/** Groups of settings, in the order in which the help shows them. */
export const groups = [
  "Listening",
  "Access",
  "Streams",
  "Players",
  "Shared objects",
  "Protocol",
  "Limits",
  "Logging",
] as const;

/** What the schema says of a setting besides its type and its bounds. */
export interface SettingMeta {
  readonly group: typeof groups[number];
  /** One or two sentences for people. */
  readonly text: string;
  /** What a right value is, where type and bounds do not say it. */
  readonly expected?: string;
  /** What stands for the value in the help; derived from the type if absent. */
  readonly placeholder?: string;
  /** Unit of a number. */
  readonly unit?: "ms" | "bytes";
  /** Name of the flag, if it is not the key in kebab case. */
  readonly flag?: string;
  /** Never print the value. */
  readonly secret?: true;
}

/** Bytes. */
export const MiB = 1024 * 1024;

/** What the schema says of a setting, as a step of its pipe. */
export const meta = <T>(data: SettingMeta) => v.metadata<T, Record<string, unknown>>({ ...data });

/** A whole number from `min` to `max`. */
export const integer = (fallback: number, min: number, max: number, data: SettingMeta) =>
  v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max), meta(data)),
    fallback,
  );

/** One of `options`. */
export const choice = <const T extends readonly string[]>(
  fallback: NoInfer<T>[number],
  options: T,
  data: SettingMeta,
) => v.optional(v.pipe(v.picklist(options), meta(data)), fallback);
