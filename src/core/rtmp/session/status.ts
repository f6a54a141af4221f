/**
 * `onStatus` codes and the level clients expect with each [RTMP 1.0 §7.2].
 *
 * @module
 */
import { type AmfObject, amfObject } from "../../amf/mod.ts";

/** Codes that say "this failed"; clients end the stream or the connection on them. */
const ERRORS: ReadonlySet<string> = new Set([
  "NetConnection.Call.BadVersion",
  "NetConnection.Call.Failed",
  "NetConnection.Call.Prohibited",
  "NetConnection.Connect.AppShutdown",
  "NetConnection.Connect.Failed",
  "NetConnection.Connect.InvalidApp",
  "NetConnection.Connect.Rejected",
  "NetStream.Failed",
  "NetStream.Play.Failed",
  "NetStream.Play.FileStructureInvalid",
  "NetStream.Play.NoSupportedTrackFound",
  "NetStream.Play.StreamNotFound",
  "NetStream.Publish.BadName",
  "NetStream.Publish.Denied",
  "NetStream.Publish.Rejected",
  "NetStream.Seek.Failed",
  "NetStream.Seek.InvalidTime",
]);

/**
 * Codes of what goes on all the same. Those of recordings are errors elsewhere, at which FFmpeg gives its
 * stream up.
 */
const WARNINGS: ReadonlySet<string> = new Set([
  "NetStream.Play.InsufficientBW",
  "NetStream.Record.Failed",
  "NetStream.Record.NoAccess",
]);

/** A code of ours: a play was let in, and waits for a publisher. Said to servers of this kind. */
export const PLAY_WAITS = "NetStream.Play.Wait";

/** The level of a code: `status`, `warning` or `error`. */
export function statusLevel(code: string): "status" | "warning" | "error" {
  if (WARNINGS.has(code)) return "warning";
  return ERRORS.has(code) ? "error" : "status";
}

/** An information object: level, code, description, and what else the code carries. */
export function statusInfo(
  code: string,
  description: string,
  more: Record<string, string | number> = {},
): AmfObject {
  return amfObject({ level: statusLevel(code), code, description, ...more });
}
