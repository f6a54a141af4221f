/**
 * Who owned which name when, as the logs of all nodes of a cluster say it.
 *
 * @module
 */
import type { LogRecord } from "./server.ts";

/** A name in the hands of a node. */
export interface Tenure {
  readonly stream: string;
  readonly node: string;
  readonly lease: string;
  /** From when until when, milliseconds since 1970; `to` may be that of the end of the log. */
  readonly from: number;
  readonly to: number;
}

/**
 * Reads the log of a node. What it did not say to have freed it owned to the end: of the log, for a node that was
 * killed, or of all, for one that goes on.
 */
export function tenuresOf(records: readonly LogRecord[], end: number): Tenure[] {
  const open = new Map<string, Tenure>();
  const done: Tenure[] = [];
  for (const { message, time, properties } of records) {
    const { app, name, node, lease } = properties as Record<string, string>;
    const at = Date.parse(time);
    const stream = `${app}/${name}`;
    if (message === "name owned") {
      open.set(stream, { stream, node: node!, lease: lease!, from: at, to: end });
    } else if (message === "name freed") {
      const tenure = open.get(stream);
      if (tenure !== undefined) done.push({ ...tenure, to: at });
      open.delete(stream);
    }
  }
  return [...done, ...open.values()];
}

/** Pairs of nodes that owned a name at the same time for longer than `ms`, for people. */
export function conflicts(tenures: readonly Tenure[], ms: number): string[] {
  const found: string[] = [];
  for (const [index, one] of tenures.entries()) {
    for (const other of tenures.slice(index + 1)) {
      if (one.stream !== other.stream || one.node === other.node) continue;
      const both = Math.min(one.to, other.to) - Math.max(one.from, other.from);
      if (both > ms) found.push(`${one.stream}: ${one.node} and ${other.node} for ${both} ms`);
    }
  }
  return found;
}
