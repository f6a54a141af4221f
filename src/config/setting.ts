/**
 * What a setting and a section are: text, type, bounds and default. The schema is made of these.
 *
 * @module
 */
import * as v from "valibot";

/** What the schema says of a setting besides its type and its bounds. */
export interface SettingMeta {
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

/** Settings that stand together: an object in a file, a first word in flags and variables. */
export interface Section<E> {
  /** Heading in the help and in the documents. */
  readonly title: string;
  readonly entries: E;
}

/** Bytes. */
export const MiB = 1024 * 1024;

/** Longest time that most settings take (ms). */
export const HOUR = 3_600_000;

/** What the schema says of a setting, as a step of its pipe. */
export const meta = <T>(data: SettingMeta) => v.metadata<T, Record<string, unknown>>({ ...data });

/** A whole number from `min` to `max`. */
export const integer = (fallback: number, min: number, max: number, data: SettingMeta) =>
  v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max), meta(data)),
    fallback,
  );

/** The same in milliseconds. */
export const time = (fallback: number, min: number, max: number, text: string) =>
  integer(fallback, min, max, { unit: "ms", text });

/** The same in bytes. */
export const size = (fallback: number, min: number, max: number, text: string) =>
  integer(fallback, min, max, { unit: "bytes", text });

/** One of `options`. */
export const choice = <const T extends readonly string[]>(
  fallback: NoInfer<T>[number],
  options: T,
  data: SettingMeta,
) => v.optional(v.pipe(v.picklist(options), meta(data)), fallback);

/** On or off; off unless it is turned on. */
export const toggle = (text: string) => v.optional(v.pipe(v.boolean(), meta({ text })), false);
