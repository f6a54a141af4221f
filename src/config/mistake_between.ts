/**
 * What settings want of each other.
 *
 * @module
 */
import type { Plugin } from "../plugin/mod.ts";
import type { Config } from "./config.ts";
import type { Mistake } from "./errors.ts";
import { eventFolderMistake } from "./event_folder.ts";
import { openRelayMistake } from "./open_relay.ts";
import { proxyMistake } from "./proxy_mistake.ts";
import { tlsMistake } from "./tls_mistake.ts";

/** What is wrong with settings that are right by themselves; `undefined` when they are in order. */
export function mistakeBetween(config: Config, plugins: readonly Plugin[]): Mistake | undefined {
  return openRelayMistake(config, plugins) ?? eventFolderMistake(config) ?? tlsMistake(config) ??
    fallbackMistake(config) ?? proxyMistake(config);
}

/** Files are shown from a folder. */
export function fallbackMistake(
  { relay, record }: {
    readonly relay: Pick<Config["relay"], "fallback">;
    readonly record: Pick<Config["record"], "folder">;
  },
): Mistake | undefined {
  const hasFile = relay.fallback.some((rule) => /\sfile=/.test(rule));
  if (!hasFile || record.folder !== undefined) return undefined;
  return {
    source: "relay",
    key: "relay.fallback",
    problem: "a file is shown from the folder of media: name it (--record-folder PATH)",
  };
}
