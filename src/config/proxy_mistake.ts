/**
 * What settings of balancers want of each other.
 *
 * @module
 */
import type { Config } from "./config.ts";
import type { Mistake } from "./errors.ts";

/** What is wrong with the settings of balancers together; `undefined` when they are in order. */
export function proxyMistake({ proxy }: Pick<Config, "proxy">): Mistake | undefined {
  if (proxy.trusted.length > 0) return undefined;
  const key = proxy.rtmp !== "off" ? "proxy.rtmp" : proxy.http !== "off" ? "proxy.http" : undefined;
  return key === undefined ? undefined : {
    source: "proxy",
    key,
    problem: "nobody is believed: name the balancers too (--proxy-trusted NETWORK)",
  };
}
