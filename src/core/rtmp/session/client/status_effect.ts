/**
 * What an `onStatus` brings about for the stream it is about: what FFmpeg and librtmp make of it.
 *
 * @module
 */
import type { ClientStreamState } from "./client_stream.ts";
import type { ServerStatus } from "./events.ts";

/** What happens to the stream. */
export type StatusEffect = "start" | "refuse" | "end" | "none";

/** Codes that say of what plays that it is over. */
const PLAY_ENDS: ReadonlySet<string> = new Set([
  "NetStream.Failed",
  "NetStream.Play.Complete",
  "NetStream.Play.Failed",
  "NetStream.Play.FileStructureInvalid",
  "NetStream.Play.NoSupportedTrackFound",
  "NetStream.Play.Stop",
  "NetStream.Play.StreamNotFound",
  "NetStream.Play.UnpublishNotify",
]);

/** Codes that say of what is published that it was taken away. */
const PUBLISH_ENDS: ReadonlySet<string> = new Set([
  "NetStream.Failed",
  "NetStream.Publish.BadName",
  "NetStream.Publish.Denied",
  "NetStream.Publish.Failed",
  "NetStream.Publish.Rejected",
  "NetStream.Unpublish.Success",
]);

/** The effect of `status` on a stream in `state`. */
export function statusEffect(
  state: ClientStreamState,
  { code, level }: Pick<ServerStatus, "code" | "level">,
): StatusEffect {
  switch (state) {
    case "publish-pending":
      if (code === "NetStream.Publish.Start") return "start";
      return level === "error" ? "refuse" : "none";
    case "play-pending":
      if (code === "NetStream.Play.Start" || code === "NetStream.Play.PublishNotify") {
        return "start";
      }
      return level === "error" ? "refuse" : "none";
    case "publishing":
      return PUBLISH_ENDS.has(code) ? "end" : "none";
    case "playing":
      return PLAY_ENDS.has(code) ? "end" : "none";
    default:
      return "none";
  }
}
