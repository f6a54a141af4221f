/**
 * Which settings a server takes up while it runs, and what has changed between two configurations.
 *
 * @module
 */
import type { Config } from "./config.ts";

/** Settings that count at once when a configuration is read again. All others need a restart. */
export const LIVE_SETTINGS: ReadonlySet<string> = new Set([
  "allowAnonymous",
  "api.token",
  "api.tokens",
  "call.timeoutMs",
  "max.connectionsPerAddress",
  "max.messagesPerSecond",
  "metrics.access",
  "metrics.statAccess",
  "metrics.streams",
  "publish.idleMs",
  "publish.probeMs",
  "publish.startMs",
  "rtmp.idleTimeoutMs",
  "rtmp.pingIntervalMs",
  "rtmp.timeoutMs",
]);

/** What has changed, by the keys of settings. */
export interface ConfigChanges {
  /** Counts from now on. */
  readonly changed: readonly string[];
  /** Counts once the server is started again. */
  readonly needsRestart: readonly string[];
  /** What counts now. */
  readonly config: Config;
}

/** Compares. `live`: settings that whoever asks takes up, beside {@link LIVE_SETTINGS}. */
export function changesOf(now: Config, next: Config, live: readonly string[] = []): ConfigChanges {
  const changed: string[] = [];
  const needsRestart: string[] = [];
  const takeUp = <T extends object>(was: T, is: T, prefix: string): T => {
    const result = { ...was };
    for (
      const name of new Set([...Object.keys(was), ...Object.keys(is)]) as Set<keyof T & string>
    ) {
      const [one, other] = [was[name], is[name]];
      const key = prefix + name;
      if (prefix === "" && isSection(key, one) && isSection(key, other)) {
        result[name] = takeUp(one, other, `${key}.`);
      } else if (JSON.stringify(one) !== JSON.stringify(other)) {
        const isLive = LIVE_SETTINGS.has(key) || live.includes(key);
        (isLive ? changed : needsRestart).push(key);
        if (isLive) result[name] = other;
      }
    }
    return result;
  };
  const config = takeUp(now, next, "");
  return { changed: changed.sort(), needsRestart: needsRestart.sort(), config };
}

/** `apps` has names of applications for its keys. */
function isSection(key: string, value: unknown): value is object {
  return key !== "apps" && typeof value === "object" && value !== null && !Array.isArray(value);
}
