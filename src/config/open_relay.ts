/**
 * Never an open relay by accident: who may publish must be somebody's decision.
 *
 * @module
 */
import type { Mistake } from "./mod.ts";
import type { Plugin } from "../plugin/mod.ts";
import { isLoopbackHost } from "../service/address.ts";

/**
 * What is wrong with listening on this host, if anyone who reaches it could publish.
 *
 * @returns `undefined` when it is in order
 */
export function openRelayMistake(
  config: { readonly host: string; readonly allowAnonymous: boolean },
  plugins: readonly Plugin[],
): Mistake | undefined {
  if (isLoopbackHost(config.host) || config.allowAnonymous) return undefined;
  const decides = ({ onPublish, anybody }: Plugin) => onPublish !== undefined && anybody !== true;
  if (plugins.some(decides)) return undefined;
  return {
    source: "access",
    key: "host",
    problem: `${config.host} can be reached from other machines, and no plugin decides who may ` +
      "publish. Load one that has onPublish (--plugin plugins/token_auth.ts), or let anyone " +
      "publish and play (--allow-anonymous), or listen on this machine only (--host 127.0.0.1)",
  };
}
