/**
 * How long a connection that we have closed waits for its peer to close as well.
 *
 * @module
 */
import { deno } from "./api.ts";

/**
 * From our end of the connection to its end (ms). A peer that reads has closed, or taken everything,
 * by then; what the kernel still holds for one that is slow it goes on sending.
 */
export const LINGER_MS = 500;

/** Calls `cut` after {@link LINGER_MS}, unless it is cancelled; keeps no process alive. */
export function linger(cut: () => void): () => void {
  const timer = setTimeout(cut, LINGER_MS) as unknown as number;
  deno.unrefTimer(timer);
  return () => clearTimeout(timer);
}
