/**
 * How long a connection that we have closed waits for its peer to close as well.
 *
 * @module
 */

/**
 * From our end of the connection to its end (ms). A peer that reads has closed, or taken everything,
 * by then; what the kernel still holds for one that is slow it goes on sending.
 */
export const LINGER_MS = 500;

/**
 * Calls `cut` after {@link LINGER_MS}, unless what it returns is called. `unref` lets the process end
 * meanwhile.
 */
export function linger(
  cut: () => void,
  unref: (timer: ReturnType<typeof setTimeout>) => void,
): () => void {
  const timer = setTimeout(cut, LINGER_MS);
  unref(timer);
  return () => clearTimeout(timer);
}
