/**
 * Writes the interfaces that people read out of the schema: with text, unit, bounds and default of every member.
 *
 * @module
 */
import { appSettings, type Setting, type SettingGroup } from "./settings.ts";
import { formatDefault } from "./table.ts";

/** Longest line of the code. */
const WIDTH = 100;

/** A doc comment of one or more lines. */
function comment(text: string, indent: string): string {
  const one = `${indent}/** ${text} */`;
  if (one.length <= WIDTH) return one;
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || indent.length + 3 + last.length + 1 + word.length > WIDTH) {
      lines.push(word);
    } else lines[lines.length - 1] = `${last} ${word}`;
  }
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`), `${indent} */`].join("\n");
}

function typeOf({ kind, options, fallback }: Setting): string {
  switch (kind) {
    case "integer":
      return "number";
    case "boolean":
      return typeof fallback;
    case "list":
      return "readonly string[]";
    case "choice":
      return options.map((option) => `"${option}"`).join(" | ");
    default:
      return "string";
  }
}

/** Text, right values and default. */
function explain(setting: Setting): string {
  return `${setting.text} (${setting.expected}; default ${formatDefault(setting)})`;
}

function member(setting: Setting, optional = setting.fallback === undefined): string {
  const head = `  readonly ${setting.name}${optional ? "?" : ""}: ${typeOf(setting)};`;
  return `${comment(explain(setting), "  ")}\n${head}`;
}

/** Name of the interface of a section. */
export function interfaceOf(key: string): string {
  return `${key[0]!.toUpperCase()}${key.slice(1)}Config`;
}

function moduleOf(what: string): string {
  return [
    "/**",
    ` * ${what}`,
    " *",
    " * Written by `tools/config_table.ts` out of the schema: change that, then run it.",
    " *",
    " * @module",
    " */",
  ].join("\n");
}

/** Sections on streams, and on who publishes and plays them; the others are on the server itself. */
const OF_STREAMS = new Set([
  "publish",
  "reconnect",
  "play",
  "gopCache",
  "hls",
  "record",
  "cluster",
  "media",
  "sharedObjects",
]);

/** The sections of one of the two files. */
function sectionsOf(groups: readonly SettingGroup[], ofStreams: boolean): SettingGroup[] {
  return groups.slice(1).filter(({ key }) => OF_STREAMS.has(key!) === ofStreams);
}

function sectionInterface({ key, title, settings }: SettingGroup): string {
  return [
    `/** ${title}: the section \`${key}\`. Times are milliseconds, sizes are bytes. */`,
    `export interface ${interfaceOf(key!)} {`,
    ...settings.map((setting) => member(setting)),
    "}",
  ].join("\n");
}

/** The text of `server_sections.ts`. */
export function serverSections(groups: readonly SettingGroup[]): string {
  return [
    moduleOf("The sections of the settings that are on the server itself, for people."),
    ...sectionsOf(groups, false).map(sectionInterface),
  ].join("\n\n") + "\n";
}

/** The text of `stream_sections.ts`. */
export function streamSections(groups: readonly SettingGroup[]): string {
  return [
    moduleOf("The sections of the settings that are on streams, for people."),
    ...sectionsOf(groups, true).map(sectionInterface),
    [
      "/** What an application may have for its own: a section of `apps`. */",
      `export interface ${interfaceOf("app")} {`,
      ...appSettings.map((setting) => member(setting, true)),
      "}",
    ].join("\n"),
  ].join("\n\n") + "\n";
}

function importOf(keys: readonly string[], file: string): string {
  const names = keys.map(interfaceOf).sort();
  return `import type {\n${names.map((name) => `  ${name},\n`).join("")}} from "./${file}";`;
}

/** The text of `config.ts`. */
export function configInterfaces(groups: readonly SettingGroup[]): string {
  const [general, ...sections] = groups as [SettingGroup, ...SettingGroup[]];
  const keys = (ofStreams: boolean) => sectionsOf(groups, ofStreams).map(({ key }) => key!);
  return [
    moduleOf("The settings of Sluice, for people."),
    `${importOf(keys(false), "server_sections.ts")}\n${
      importOf([...keys(true), "app"], "stream_sections.ts")
    }`,
    [
      "/** A complete, checked configuration. Times are milliseconds, sizes are bytes. */",
      "export interface Config {",
      ...general.settings.map((setting) => member(setting)),
      ...sections.map(({ key, title }) =>
        `  /** ${title}. */\n  readonly ${key}: ${interfaceOf(key!)};`
      ),
      "  /** What applications have for their own, by name; at most 100. */",
      "  readonly apps: Readonly<Record<string, AppConfig>>;",
      "}",
    ].join("\n"),
    [
      "/** A configuration of which everything may be left out: what is, has its default. */",
      "export type Settings =",
      `  & Partial<Pick<Config, ${
        general.settings.map(({ key }) => `"${key}"`).join(" | ")
      } | "apps">>`,
      "  & {",
      ...sections.map(({ key, title }) =>
        `    /** ${title}. */\n    readonly ${key}?: Partial<${interfaceOf(key!)}>;`
      ),
      "  };",
    ].join("\n"),
  ].join("\n\n") + "\n";
}

/** The text of `tuning_interface.ts`. */
export function tuningInterface(tunables: readonly Setting[]): string {
  return [
    moduleOf("Bounds that no operator turns, for people."),
    [
      "/**",
      " * Bounds that no operator turns, for programs that embed a server. Times are milliseconds, sizes",
      " * are bytes.",
      " */",
      "export interface Tuning {",
      ...tunables.map((setting) => member(setting)),
      "}",
    ].join("\n"),
  ].join("\n\n") + "\n";
}
