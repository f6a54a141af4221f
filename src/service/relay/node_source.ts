/**
 * Other nodes of the cluster, as those streams are pulled from that they have.
 *
 * @module
 */
import type { StreamKey } from "../../hub/mod.ts";

/** A node that has a stream. */
export interface NodeSource {
  /** Template of a URL, with `{app}` and `{name}` in it. */
  readonly url: string;
  /** What it lets nodes in for; secret. */
  readonly pass: string;
}

/** Finds them. */
export interface NodeFinder {
  /** Which node has a stream; `undefined`: none, or this one. Never rejects. */
  locate(key: StreamKey): Promise<NodeSource | undefined>;
}
