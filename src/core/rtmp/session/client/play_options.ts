/**
 * How a client asks to play [RTMP 1.0 §7.2.2.1].
 *
 * @module
 */
import type { AmfValue } from "../../../amf/mod.ts";

/** How to play. */
export interface ClientPlayOptions {
  /** -2: live, else recorded; -1: live only; from 0: recorded, from this second on. -2 if left out. */
  readonly start?: number;
  /** Seconds, -1 for all; -1 if left out. */
  readonly duration?: number;
  /** Whether a playlist is dropped; not sent if left out. */
  readonly reset?: boolean;
  /** Milliseconds that the server may think we buffer; not sent if left out. */
  readonly bufferMs?: number;
}

/** What follows the name. What nobody asked for is left out: not every server reads all of it. */
export function playArguments(options: ClientPlayOptions): AmfValue[] {
  const { start = -2, duration = -1, reset } = options;
  if (reset !== undefined) return [start, duration, reset];
  return duration === -1 ? [start] : [start, duration];
}
