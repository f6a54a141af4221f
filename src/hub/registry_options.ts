/**
 * What the registry of streams is made with, and why it refuses.
 *
 * @module
 */
import type { PlayerLimits } from "./fanout/lag_limits.ts";
import type { StreamLimits } from "./stream.ts";

/** Configuration of a a registry of streams. */
export interface RegistryOptions extends StreamLimits {
  /** Whether the second publisher of a name takes it over, or is refused. */
  readonly publishPolicy: "replace" | "reject";
  /** How long a play waits for its publisher (ms); 0 refuses it at once. */
  readonly playWaitMs: number;
  /** Most streams alive at once. Names that are only waited for are none. */
  readonly maxStreams: number;
  /** Most players that wait, beside the first one of each connection. */
  readonly maxWaits: number;
  readonly player: PlayerLimits;
  /** How long whoever looks for a name may take (ms). */
  readonly wantMs?: number;
  /** Most names that are looked for at once. */
  readonly maxWants?: number;
  /** Telling somebody what became of a name failed. Must not throw. */
  readonly onFault?: (error: unknown) => void;
}

/** Why a publish or a play was refused. */
export type HubRefusal =
  | "taken"
  | "not-found"
  | "too-many-streams"
  | "too-many-choices"
  | "too-many-waits"
  | "no-memory";
