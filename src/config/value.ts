/**
 * Checks one value of one setting.
 *
 * @module
 */
import * as v from "valibot";
import { mismatch, type Mistake } from "./errors.ts";
import { showValue } from "./redact.ts";
import { schema } from "./schema.ts";
import type { Setting } from "./settings.ts";

/** A value that passed its check, and where it came from. */
export interface Found {
  readonly value: unknown;
  /** As in {@link Mistake.source}. */
  readonly source: string;
  /** The setting, spelt as in its source. */
  readonly spelling: string;
}

/** What one source says: right values by key, and everything that is wrong with it. */
export interface SourceResult {
  readonly found: Map<Setting["key"], Found>;
  /** Settings whose value is among the mistakes. */
  readonly refused: Set<Setting["key"]>;
  readonly mistakes: Mistake[];
}

/** A result to fill. */
export function emptyResult(): SourceResult {
  return { found: new Map(), refused: new Set(), mistakes: [] };
}

/** Reads text as the type of the setting; text that is not of it comes back as it is. */
export function fromText(setting: Setting, text: string): unknown {
  if (setting.kind === "integer") return /^-?\d{1,16}$/.test(text) ? Number(text) : text;
  if (setting.kind === "list") {
    return text.trim() === "" ? [] : text.split(",").map((s) => s.trim());
  }
  if (setting.kind === "boolean") {
    if (text === "true" || text === "1") return true;
    if (text === "false" || text === "0") return false;
  }
  return text;
}

/**
 * Puts `value` into `result`: as found if the schema accepts it, else as a mistake.
 * `expected` replaces the phrase of the setting where the source allows other spellings.
 */
export function accept(
  result: SourceResult,
  setting: Setting,
  value: unknown,
  source: string,
  spelling: string,
  expected: string = setting.expected,
): void {
  const checked = v.safeParse(schema.entries[setting.key], value);
  if (checked.success && value !== undefined) {
    result.found.set(setting.key, { value: checked.output, source, spelling });
  } else {
    result.refused.add(setting.key);
    const problem = mismatch(expected, showValue(setting, value));
    result.mistakes.push({ source, key: spelling, problem });
  }
}
