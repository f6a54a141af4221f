/**
 * Relays as the control API shows them.
 *
 * @module
 */
import type { RelayView } from "../http/mod.ts";
import type { RelayDescription } from "../service/relay/mod.ts";

/** One target or source. */
export function relayView(description: RelayDescription): RelayView {
  const { since, error, leftOut, ...view } = description;
  return {
    ...view,
    since: since === undefined ? null : new Date(since).toISOString(),
    error: error === undefined ? null : { kind: error.kind, message: error.message },
    leftOut: [...leftOut],
  };
}
