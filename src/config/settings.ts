/**
 * Reads the schema into one row per setting: its names in each source, its type, its bounds.
 *
 * @module
 */
import * as v from "valibot";
import { type ConfigKey, defaults, schema } from "./schema.ts";
import type { SettingMeta } from "./setting.ts";

/** The type of a setting's value. */
export type SettingKind = "text" | "integer" | "boolean" | "choice" | "list";

/** All there is to know of one setting. */
export interface Setting extends SettingMeta {
  /** Key in a configuration file and in `Config`. */
  readonly key: ConfigKey;
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
  readonly fallback: unknown;
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

/** `rtmpPort` with `-` becomes `rtmp-port`. */
function separate(key: string, separator: string): string {
  return key.replace(/[A-Z]/g, (letter) => separator + letter.toLowerCase());
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

function read(key: ConfigKey): Setting {
  const inner = schema.entries[key].wrapped;
  const view: SchemaView = inner;
  const meta = v.getMetadata(inner) as unknown as SettingMeta;
  const kind = KINDS[view.type];
  if (kind === undefined) throw new TypeError(`Setting ${key} has no known type: ${view.type}`);
  const options = view.options ?? [];
  return {
    ...meta,
    key,
    flag: meta.flag ?? separate(key, "-"),
    env: ENV_PREFIX + separate(key, "_").toUpperCase(),
    kind,
    options,
    expected: meta.expected ?? describe(kind, view, meta.unit),
    placeholder: meta.placeholder ?? meta.unit?.toUpperCase() ??
      (kind === "choice" ? options.join("|") : PLACEHOLDERS[kind]),
    fallback: defaults[key],
  };
}

/** Every setting, in the order of the schema. */
export const settings: readonly Setting[] = (Object.keys(schema.entries) as ConfigKey[]).map(read);

/** The setting of a key, if there is one; safe for keys such as `__proto__`. */
export function settingOf(key: string): Setting | undefined {
  return settings.find((setting) => setting.key === key);
}
