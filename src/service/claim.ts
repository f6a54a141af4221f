/**
 * Asks the hub whether somebody else has a say in a publish, in the form that sessions wait in.
 *
 * @module
 */
import type { Hub, PublisherInfo, StreamKey } from "../hub/mod.ts";

/**
 * Why the publish is refused, or `undefined` when it may go on. A promise only where somebody takes time to
 * say so, which is bounded; it never rejects.
 */
export function claimOf(
  hub: Hub,
  path: StreamKey,
  info: PublisherInfo,
  now: number,
): string | undefined | Promise<string | undefined> {
  let decided = false;
  let reason: string | undefined;
  let later: ((reason: string | undefined) => void) | undefined;
  hub.claim(path, info, now, (refusal) => {
    decided = true;
    reason = refusal;
    later?.(refusal);
  });
  return decided ? reason : new Promise((resolve) => later = resolve);
}
