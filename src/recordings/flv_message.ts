/**
 * A message of an FLV file, as those see it who play the file.
 *
 * @module
 */
import type { PlayedMessage } from "./played_file.ts";

/** A message of a file. */
export interface FlvMessage extends PlayedMessage {
  /** Where it stands. */
  readonly offset: number;
}
