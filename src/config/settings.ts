/**
 * Reads the schema into one row per setting: its names in each source, its type, its bounds.
 *
 * @module
 */
import * as v from "valibot";
import { schema } from "./schema.ts";
import type { Section, SettingMeta } from "./setting.ts";

/** The type of a setting's value. */
export type SettingKind = "text" | "integer" | "boolean" | "choice" | "list";

/** All there is to know of one setting. */
export interface Setting extends SettingMeta {
  /** Key in `Config` and in a configuration file: `host`, or `rtmp.port` for `port` in `rtmp`. */
  readonly key: string;
  /** The section it stands in; none for `host`. */
  readonly section?: string;
  /** Its key there. */
  readonly name: string;
  /** Flag without dashes. */
  readonly flag: string;
  /** Name of the environment variable. */
  readonly env: string;
  readonly kind: SettingKind;
  /** Right values of a choice. */
  readonly options: readonly string[];
  /** What a right value is: `a whole number from 0 to 65535`. */
  readonly expected: string;
  /** What stands for the value in the help; empty for a boolean. */
  readonly placeholder: string;
  /** `undefined` where there is no default. */
  readonly fallback: unknown;
  /** Checks a value. */
  readonly schema: v.GenericSchema;
}

/** A section, and its settings. */
export interface SettingGroup {
  /** Its key; `undefined` for the settings that stand in none. */
  readonly key?: string;
  readonly title: string;
  readonly settings: readonly Setting[];
}

/** The parts of a valibot schema that are read here. */
interface SchemaView {
  readonly type: string;
  readonly options?: readonly string[];
  readonly pipe?: readonly { readonly type: string; readonly requirement?: unknown }[];
}

const KINDS: Record<string, SettingKind> = {
  string: "text",
  number: "integer",
  boolean: "boolean",
  picklist: "choice",
  array: "list",
};

/** Text that every environment variable of Sluice starts with. */
export const ENV_PREFIX = "SLUICE_";

/** `gopCache.bytes` with `-` becomes `gop-cache-bytes`. */
export function separate(key: string, separator: string): string {
  return key.replace(/[A-Z]/g, (letter) => separator + letter.toLowerCase())
    .replaceAll(".", separator);
}

function describe(kind: SettingKind, view: SchemaView, unit: SettingMeta["unit"]): string {
  if (kind === "choice") return `one of ${view.options?.join(", ")}`;
  if (kind === "boolean") return "true or false";
  if (kind !== "integer") return "text";
  const bound = (type: string) => view.pipe?.find((action) => action.type === type)?.requirement;
  const of = unit === "ms" ? " of milliseconds" : unit === "bytes" ? " of bytes" : "";
  return `a whole number${of} from ${bound("min_value")} to ${bound("max_value")}`;
}

const PLACEHOLDERS: Record<SettingKind, string> = {
  text: "TEXT",
  integer: "N",
  boolean: "",
  choice: "",
  list: "TEXT",
};

/** Reads one entry of a section; what turns a section on is called as the section itself. */
function read(section: string | undefined, name: string, schema: v.GenericSchema): Setting {
  const key = section === undefined ? name : `${section}.${name}`;
  const inner = (schema as unknown as { readonly wrapped: v.GenericSchema }).wrapped;
  const view = inner as unknown as SchemaView;
  const meta = v.getMetadata(inner) as unknown as SettingMeta;
  const kind = KINDS[view.type];
  if (kind === undefined) throw new TypeError(`Setting ${key} has no known type: ${view.type}`);
  const options = view.options ?? [];
  const named = section !== undefined && name === "enabled" ? section : key;
  return {
    ...meta,
    key,
    section,
    name,
    flag: meta.flag ?? separate(named, "-"),
    env: ENV_PREFIX + separate(named, "_").toUpperCase(),
    kind,
    options,
    expected: meta.expected ?? describe(kind, view, meta.unit),
    placeholder: meta.placeholder ?? meta.unit?.toUpperCase() ??
      (kind === "choice" ? options.join("|") : PLACEHOLDERS[kind]),
    fallback: v.getDefault(schema as Parameters<typeof v.getDefault>[0]),
    schema,
  };
}

/** The settings of some entries, in their order. */
export function readEntries(
  entries: Readonly<Record<string, v.GenericSchema>>,
  section?: string,
): Setting[] {
  return Object.entries(entries).map(([name, schema]) => read(section, name, schema));
}

function group({ title, entries }: Section<Record<string, v.GenericSchema>>, key?: string) {
  return { key, title, settings: readEntries(entries, key) };
}

/** Every setting by section, but those of applications. */
export const groups: readonly SettingGroup[] = [
  group(schema.general),
  ...Object.entries(schema.sections).map(([key, section]) => group(section, key)),
];

/** Every setting, in the order of the schema, but those of applications. */
export const settings: readonly Setting[] = groups.flatMap((group) => group.settings);

/** Flag of the settings of applications, and their key in the file. */
export const APPS = { key: "apps", flag: "app", env: "SLUICE_APPS" } as const;

/** What each application may have for its own; their names are those in its section. */
export const appSettings: readonly Setting[] = readEntries(schema.app.entries).map((setting) => ({
  ...setting,
  flag: APPS.flag,
  env: APPS.env,
}));

/** How the settings of applications are called where any application is meant. */
export const appKey = ({ name }: Setting): string => `${APPS.key}.APP.${name}`;

/** The group of a section's key, if there is one; safe for keys such as `__proto__`. */
export function groupOf(key: string): SettingGroup | undefined {
  return groups.find((group) => group.key !== undefined && group.key === key);
}

/** The setting of a key, if there is one. */
export function settingOf(key: string): Setting | undefined {
  return settings.find((setting) => setting.key === key);
}
