/**
 * Checks one value of one setting.
 *
 * @module
 */
import * as v from "valibot";
import { mismatch, type Mistake } from "./errors.ts";
import { showValue } from "./redact.ts";
import type { Setting } from "./settings.ts";

/** A value that passed its check, and where it came from. */
export interface Found {
  readonly setting: Setting;
  /** The application that it is for, where it is for one. */
  readonly app?: string;
  readonly value: unknown;
  /** As in {@link Mistake.source}. */
  readonly source: string;
  /** The setting, spelt as in its source. */
  readonly spelling: string;
}

/** What one source says: right values by key, and everything that is wrong with it. */
export interface SourceResult {
  /** By the key of the setting, with the name of the application where it is for one. */
  readonly found: Map<string, Found>;
  /** Keys of settings whose value is among the mistakes. */
  readonly refused: Set<string>;
  readonly mistakes: Mistake[];
}

/** A result to fill. */
export function emptyResult(): SourceResult {
  return { found: new Map(), refused: new Set(), mistakes: [] };
}

/** Reads text as the type of the setting; text that is not of it comes back as it is. */
export function fromText(setting: Setting, text: string): unknown {
  if (setting.kind === "integer") return /^-?\d{1,16}$/.test(text) ? Number(text) : text;
  if (setting.kind === "list") return splitList(text);
  if (setting.kind === "boolean") {
    if (text === "true" || text === "1") return true;
    if (text === "false" || text === "0") return false;
  }
  return text;
}

/** The items of a list in the environment. */
export function splitList(text: string): string[] {
  return text.trim() === "" ? [] : text.split(",").map((item) => item.trim());
}

/** What else is known of a value. */
export interface ValueContext {
  /** Where it is from. */
  readonly source: string;
  /** The setting, spelt as in its source. */
  readonly spelling: string;
  /** The application that it is for, where it is for one. */
  readonly app?: string;
  /** What is right here, where the source allows other spellings than the setting says. */
  readonly expected?: string;
}

/** Puts `value` into `result`: as found if the schema accepts it, else as a mistake. */
export function accept(
  result: SourceResult,
  setting: Setting,
  value: unknown,
  { source, spelling, app, expected = setting.expected }: ValueContext,
): void {
  const key = app === undefined ? setting.key : `apps.${app}.${setting.name}`;
  const checked = v.safeParse(setting.schema, value);
  if (checked.success && value !== undefined) {
    result.found.set(key, { setting, app, value: checked.output, source, spelling });
  } else {
    result.refused.add(key);
    const problem = mismatch(expected, showValue(setting, value));
    result.mistakes.push({ source, key: spelling, problem });
  }
}
