/**
 * The table of settings in docs/settings.md, derived from the schema.
 *
 * @module
 */
import { type Setting, settings } from "./settings.ts";

const MARKS = ["<!-- config:start -->", "<!-- config:end -->"] as const;

/** The default of a setting for people: `33554432 (32 MiB)`, `none`. */
export function formatDefault({ fallback, kind, unit }: Setting): string {
  if (fallback === undefined || (kind === "list" && String(fallback) === "")) return "none";
  if (unit === "bytes" && typeof fallback === "number") {
    if (fallback % (1024 * 1024) === 0) return `${fallback} (${fallback / 1024 / 1024} MiB)`;
    if (fallback % 1024 === 0) return `${fallback} (${fallback / 1024} KiB)`;
  }
  return String(fallback);
}

/** Text in a cell; a bar would end the cell. */
function cell(text: string): string {
  return text.replace(/\|/g, "\\|");
}

/** The table in Markdown, without a line break at its end. */
export function configTable(): string {
  const rows = settings.map((row) => [
    `\`${row.key}\``,
    row.kind === "boolean" ? `\`--${row.flag}\`, \`--no-${row.flag}\`` : `\`--${row.flag}\``,
    `\`${row.env}\``,
    formatDefault(row),
    `${row.text} (${row.expected})`,
  ]);
  return [
    ["Key in the file", "Flag", "Environment", "Default", "Meaning (value)"],
    ["---", "---", "---", "---", "---"],
    ...rows,
  ].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n");
}

/** Puts the table between the marks in `document`; `undefined` if the marks are not there once. */
export function replaceTable(document: string, table: string = configTable()): string | undefined {
  const [head, rest, tooMany] = document.split(MARKS[0]);
  const [, tail, tooManyEnds] = rest?.split(MARKS[1]) ?? [];
  if (tail === undefined || tooMany !== undefined || tooManyEnds !== undefined) return undefined;
  return `${head}${MARKS[0]}\n${table}\n${MARKS[1]}${tail}`;
}
