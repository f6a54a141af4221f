/**
 * What one stream that is pulled is made with.
 *
 * @module
 */
import type { Hub, StreamKey } from "../../hub/mod.ts";
import type { UpstreamEnvironment } from "../outgoing/upstream_ports.ts";
import type { RelayDescription, RelaySource } from "./description.ts";
import type { NodeSource } from "./node_source.ts";

/** What a pull is made with. */
export interface PullStreamOptions {
  readonly id: string;
  readonly key: StreamKey;
  /** URLs, not filled in yet. */
  readonly sources: readonly string[];
  readonly always: boolean;
  readonly source: RelaySource;
  /** Says anew each time which node has it, in place of the sources; `undefined`: none. Never rejects. */
  readonly locate?: ((key: StreamKey) => Promise<NodeSource | undefined>) | undefined;
  readonly hub: Hub;
  /** It is in another state. Must not throw. */
  readonly onState: (relay: RelayDescription) => void;
  readonly environment: UpstreamEnvironment;
  readonly ownId: string;
  /** How long nobody may watch it (ms), and how long a source may send nothing. */
  readonly idleMs: number;
  readonly stallMs: number;
  readonly random: () => number;
  /** Players of the stream that do not watch. */
  readers(): number;
  /** It is over, and not to be begun again by itself. */
  onOver(): void;
}
