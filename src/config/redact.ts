/**
 * Shows values in messages: short, on one line, secrets masked.
 *
 * @module
 */
import { escapeControls } from "../text.ts";
import type { Setting } from "./settings.ts";

/** Longest part of a value that a message repeats, in UTF-16 units. */
const SHOWN = 60;
/** Most items of a list that a message repeats. */
const SHOWN_ITEMS = 5;

/** Quotes text that somebody typed, so that it can be found again. */
export function quote(text: string): string {
  const cut = text.length > SHOWN ? text.slice(0, SHOWN) + "…" : text;
  return escapeControls(JSON.stringify(cut));
}

/** Shows a few items, and none of what is inside them: lists may be deep or contain themselves. */
function showList(list: readonly unknown[]): string {
  const items = list.slice(0, SHOWN_ITEMS).map((item) =>
    Array.isArray(item) ? "a list" : show(item)
  );
  if (list.length > SHOWN_ITEMS) items.push("…");
  return `[${items.join(", ")}]`;
}

/** Shows any value that was found where another was expected. */
export function show(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value === "" ? "an empty text" : quote(value);
    case "number":
    case "boolean":
      return String(value);
    case "undefined":
      return "no value";
    case "bigint":
      return `${value}n`;
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? showList(value) : "an object";
    default:
      return `a ${typeof value}`;
  }
}

/** Shows the value of a setting; of a secret only its size, which explains most refusals. */
export function showValue(setting: Setting, value: unknown): string {
  if (!setting.secret || value === undefined || value === null || value === "") return show(value);
  return typeof value === "string"
    ? `*** (${value.length} characters)`
    : `a secret ${typeof value}`;
}
