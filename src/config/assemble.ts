/**
 * Makes a configuration out of what the sources say, and checks what no single setting can know.
 *
 * @module
 */
import type { Config } from "./config.ts";
import { ConfigError, mismatch, type Mistake } from "./errors.ts";
import { MAX_APPS } from "./schema.ts";
import { APPS, groups } from "./settings.ts";
import type { Found, SourceResult } from "./value.ts";

/** The value of a setting: what was found, or the default, and never one that somebody else has. */
function valueOf(fallback: unknown, found: Found | undefined): unknown {
  const value = found === undefined ? fallback : found.value;
  return Array.isArray(value) ? Object.freeze([...value]) : value;
}

/** The sections of applications, in the order in which they were named. */
function appsOf(found: ReadonlyMap<string, Found>): Config["apps"] {
  const apps = new Map<string, [string, unknown][]>();
  for (const { app, setting, value } of found.values()) {
    if (app !== undefined) apps.set(app, [...apps.get(app) ?? [], [setting.name, value]]);
  }
  // Whatever an application is called, it is a key of its own: `fromEntries` defines, it does not set.
  return Object.freeze(Object.fromEntries(
    [...apps].map(([app, values]) => [app, Object.freeze(Object.fromEntries(values))]),
  ));
}

/** A complete configuration that nobody can change. */
export function complete(found: ReadonlyMap<string, Found> = new Map()): Config {
  const config: Record<string, unknown> = {};
  for (const { key: section, settings } of groups) {
    const values = section === undefined ? config : {} as Record<string, unknown>;
    for (const { key, name, fallback } of settings) {
      const value = valueOf(fallback, found.get(key));
      if (value !== undefined) values[name] = value;
    }
    if (section !== undefined) config[section] = Object.freeze(values);
  }
  config[APPS.key] = appsOf(found);
  return Object.freeze(config) as unknown as Config;
}

function portsMistake(config: Config, found: ReadonlyMap<string, Found>): Mistake | undefined {
  const { port } = config.http;
  if (port === 0 || port !== config.rtmp.port) return undefined;
  const { source, spelling } = found.get("http.port") ?? found.get("rtmp.port")!;
  const other = found.has("http.port") ? "RTMP" : "HTTP";
  const problem = mismatch(`another port than that of the ${other} server`, `${port}`);
  return { source, key: spelling, problem };
}

function appsMistake(config: Config, found: ReadonlyMap<string, Found>): Mistake | undefined {
  const names = Object.keys(config.apps);
  if (names.length <= MAX_APPS) return undefined;
  const { source, spelling } = [...found.values()].findLast(({ app }) => app !== undefined)!;
  const problem = mismatch(`settings of at most ${MAX_APPS} applications`, `${names.length}`);
  return { source, key: spelling, problem };
}

/** A configuration, and what was found for it by key. */
export interface Assembled {
  readonly config: Config;
  readonly found: ReadonlyMap<string, Found>;
}

/**
 * Joins sources, later over earlier.
 *
 * @throws {ConfigError} with every mistake of all sources
 */
export function assemble(
  results: readonly SourceResult[],
  more: readonly Mistake[] = [],
): Assembled {
  const mistakes: Mistake[] = results.flatMap((result) => result.mistakes);
  const found = new Map(results.flatMap((result) => [...result.found]));
  const config = complete(found);
  const refused = (key: string) => results.some((result) => result.refused.has(key));
  const joint = [
    refused("rtmp.port") || refused("http.port") ? undefined : portsMistake(config, found),
    appsMistake(config, found),
  ].filter((mistake) => mistake !== undefined);
  mistakes.push(...joint, ...more);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return { config, found };
}

/** The configuration of a server that was told nothing. */
export const defaults: Config = complete();
