/**
 * The tables of settings in docs/settings.md, one a section, derived from the schema.
 *
 * @module
 */
import { APP_PLACEHOLDER } from "./apps.ts";
import { appKey, APPS, appSettings, groups, type Setting, type SettingGroup } from "./settings.ts";

const MARKS = ["<!-- config:start -->", "<!-- config:end -->"] as const;

/** The default of a setting for people: `33554432 (32 MiB)`, `none`. */
export function formatDefault({ fallback, kind, unit }: Setting): string {
  if (fallback === undefined || (kind === "list" && String(fallback) === "")) return "none";
  if (unit === "bytes" && typeof fallback === "number" && fallback > 0) {
    if (fallback % (1024 * 1024) === 0) return `${fallback} (${fallback / 1024 / 1024} MiB)`;
    if (fallback % 1024 === 0) return `${fallback} (${fallback / 1024} KiB)`;
  }
  return String(fallback);
}

/** Text in a cell; a bar would end the cell. */
function cell(text: string): string {
  return text.replace(/\|/g, "\\|");
}

function table(rows: readonly (readonly string[])[]): string {
  return [
    ["Key", "Flag", "Environment", "Default", "Meaning (value)"],
    ["---", "---", "---", "---", "---"],
    ...rows,
  ].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n");
}

function rowOf(row: Setting): string[] {
  return [
    `\`${row.key}\``,
    row.kind === "boolean" ? `\`--${row.flag}\`, \`--no-${row.flag}\`` : `\`--${row.flag}\``,
    `\`${row.env}\``,
    formatDefault(row),
    `${row.text} (${row.expected})`,
  ];
}

function heading({ key, title }: SettingGroup): string {
  return key === undefined ? `## ${title}` : `## ${title}: \`${key}\``;
}

/** The tables in Markdown, without a line break at their end. */
export function configTable(): string {
  const apps = table(appSettings.map((row) => [
    `\`${appKey(row)}\``,
    `\`--${APPS.flag} ${APP_PLACEHOLDER.replace("SETTING", row.name)}\``,
    `\`${APPS.env}\``,
    formatDefault(row),
    `${row.text} (${row.expected})`,
  ]));
  return [
    ...groups.flatMap((group) => [heading(group), table(group.settings.map(rowOf))]),
    `## Applications: \`${APPS.key}\``,
    apps,
  ].join("\n\n");
}

/** Puts the tables between the marks in `document`; `undefined` if the marks are not there once. */
export function replaceTable(document: string, tables: string = configTable()): string | undefined {
  const [head, rest, tooMany] = document.split(MARKS[0]);
  const [, tail, tooManyEnds] = rest?.split(MARKS[1]) ?? [];
  if (tail === undefined || tooMany !== undefined || tooManyEnds !== undefined) return undefined;
  return `${head}${MARKS[0]}\n${tables}\n${MARKS[1]}${tail}`;
}
