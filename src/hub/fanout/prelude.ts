/**
 * The headers of an encoding, encoded, for players that begin there.
 *
 * @module
 */
import { joined } from "../../core/bytes/join.ts";
import { MediaBuffer, type MediaMemory } from "../media_memory.ts";

/** The headers of an encoding, encoded. */
export class Prelude extends MediaBuffer {
  /** Where each message begins. */
  readonly starts: readonly number[];

  constructor(memory: MediaMemory, parts: readonly Uint8Array[]) {
    super(memory, joined(parts));
    let start = 0;
    this.starts = parts.map((part) => (start += part.length) - part.length);
  }
}
