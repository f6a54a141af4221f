/**
 * A playlist that nothing is ever removed from needs a place for all of it.
 *
 * @module
 */
import type { Mistake } from "./mod.ts";

/** What is wrong with an `event` without a folder; `undefined` when it is in order. */
export function eventFolderMistake(
  { hls }: { readonly hls: { readonly playlist: string; readonly folder?: string } },
): Mistake | undefined {
  if (hls.playlist !== "event" || hls.folder !== undefined) return undefined;
  return {
    source: "hls",
    key: "hls.playlist",
    problem: "an event lists all of a stream, which memory has no room for. Name a folder for its" +
      " segments (--hls-folder PATH), or let the playlist slide (--hls-playlist sliding)",
  };
}
