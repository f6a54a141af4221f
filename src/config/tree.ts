/**
 * Reads settings from an object of sections, such as a file or what an embedding program gives.
 *
 * @module
 */
import { mismatch, unknownName } from "./errors.ts";
import { oldName, successor } from "./old_names.ts";
import { show } from "./redact.ts";
import { APP_NAME } from "./schema.ts";
import { APPS, appSettings, groupOf, groups, type Setting, settings } from "./settings.ts";
import { suggest } from "./suggest.ts";
import { accept, type SourceResult } from "./value.ts";

/** A key and its value. */
export interface Entry {
  readonly key: string;
  /** Where the key stands. */
  readonly source: string;
  /** Where the value stands. */
  readonly valueSource: string;
  readonly value: unknown;
  /** What is in the value, where it is an object; read once at the most. */
  entries(): readonly Entry[] | undefined;
}

const KEYS = [
  ...settings.map(({ key }) => key),
  ...groups.flatMap(({ key }) => key ?? []),
  APPS.key,
];

/** What is right where a section has to be. */
const SECTION = "an object with settings";

/** Reads one object; `prefix` is what its keys begin with in messages, `take` knows what they mean. */
function readObject(
  result: SourceResult,
  entries: readonly Entry[],
  prefix: string,
  take: (entry: Entry, key: string) => void,
): void {
  const seen = new Set<string>();
  for (const entry of entries) {
    const key = prefix + entry.key;
    if (seen.has(entry.key)) {
      result.mistakes.push({ source: entry.source, key, problem: "given twice" });
    } else take(entry, key);
    seen.add(entry.key);
  }
}

/** Reads settings by their names, for an application or for all. */
function readMembers(
  result: SourceResult,
  entries: readonly Entry[],
  prefix: string,
  members: readonly Setting[],
  app?: string,
): void {
  readObject(result, entries, prefix, (entry, key) => {
    const setting = members.find(({ name }) => name === entry.key);
    if (setting !== undefined) {
      const context = { source: entry.valueSource, spelling: key, app };
      accept(result, setting, entry.value, context);
      return;
    }
    const meant = suggest(entry.key, members.map(({ name }) => name));
    const known = meant === undefined ? suggest(key, KEYS) : prefix + meant;
    const problem = unknownName("setting", known);
    result.mistakes.push({ source: entry.source, key, problem });
  });
}

function notObject(result: SourceResult, entry: Entry, key: string): void {
  const problem = mismatch(SECTION, show(entry.value));
  result.mistakes.push({ source: entry.valueSource, key, problem });
}

function readApps(result: SourceResult, entries: readonly Entry[]): void {
  readObject(result, entries, `${APPS.key}.`, (entry, key) => {
    const members = entry.entries();
    if (!APP_NAME.test(entry.key)) {
      const expected = "the name of an application: 1 to 512 characters, neither blanks nor =";
      const problem = mismatch(expected, show(entry.key));
      result.mistakes.push({ source: entry.source, key, problem });
    } else if (members === undefined) notObject(result, entry, key);
    else readMembers(result, members, `${key}.`, appSettings, entry.key);
  });
}

/** Takes what is wrong with a key that is no setting of today. */
function refuse(result: SourceResult, entry: Entry, key: string): void {
  const old = successor("key", key);
  if (old !== undefined) {
    if (old.key !== undefined) result.refused.add(old.key);
    result.mistakes.push(oldName(entry.source, key, old));
    return;
  }
  const [section, ...name] = key.split(".");
  const problem = settings.some((setting) => setting.key === key)
    ? `expected in its section, as { "${section}": { "${name.join(".")}": … } }`
    : unknownName("setting", suggest(key, KEYS));
  result.mistakes.push({ source: entry.source, key, problem });
}

/** Reads all settings into `result`. */
export function readTree(result: SourceResult, entries: readonly Entry[]): void {
  readObject(result, entries, "", (entry, key) => {
    const setting = groups[0]!.settings.find(({ name }) => name === key);
    const group = groupOf(key);
    if (setting !== undefined) {
      accept(result, setting, entry.value, { source: entry.valueSource, spelling: key });
      return;
    }
    if (group === undefined && key !== APPS.key) return refuse(result, entry, key);
    const members = entry.entries();
    if (members !== undefined) {
      if (group === undefined) readApps(result, members);
      else readMembers(result, members, `${key}.`, group.settings);
      return;
    }
    for (const { key } of group?.settings ?? []) result.refused.add(key);
    // The switch of a section had the name that the section has now.
    const on = group?.settings.find(({ name }) => name === "enabled");
    if (on !== undefined && typeof entry.value === "boolean") {
      result.mistakes.push({ source: entry.source, key, problem: `${key} is now ${on.key}` });
    } else notObject(result, entry, key);
  });
}
