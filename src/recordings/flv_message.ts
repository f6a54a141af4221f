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

/** One that becomes each of many in turn. */
export type AnyFlvMessage = { -readonly [Name in keyof FlvMessage]: FlvMessage[Name] };

const NONE: Uint8Array = new Uint8Array(0);

/** One for those who read many. */
export function anyFlvMessage(): AnyFlvMessage {
  return { kind: 0, time: 0, payload: NONE, media: 0, offset: 0 };
}
