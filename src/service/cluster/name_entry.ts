/**
 * Who has a name in a cluster, as it is written down for all nodes.
 *
 * @module
 */
import type { StreamKey } from "../../hub/mod.ts";

/** An owner of a name. */
export interface NameEntry {
  /** The lease that it is owned with. */
  readonly lease: string;
  /** The name of the node, for people. */
  readonly node: string;
  /** Where its streams are played, such as `rtmp://10.0.0.1:1935`. */
  readonly url: string;
  /** What other nodes show when they play there; secret. */
  readonly pass: string;
}

/** Longest text of an entry that is read. */
const MAX_TEXT = 4096;

/** The entry as text. */
export function writeEntry({ lease, node, url, pass }: NameEntry): string {
  return JSON.stringify({ lease, node, url, pass });
}

/** Reads an entry; `undefined` for what is none. */
export function readEntry(text: string): NameEntry | undefined {
  const value = readObject(text);
  const { lease, node, url, pass } = value ?? {};
  return typeof lease === "string" && typeof node === "string" && typeof url === "string" &&
      typeof pass === "string"
    ? { lease, node, url, pass }
    : undefined;
}

/** Reads an object that another node wrote; `undefined` for anything else. */
export function readObject(text: string, most = MAX_TEXT): Record<string, unknown> | undefined {
  if (text.length > most) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}

/** The name of a stream that another node wrote. */
export function readKey({ app, name }: Record<string, unknown>): StreamKey | undefined {
  return typeof app === "string" && typeof name === "string" ? { app, name } : undefined;
}
