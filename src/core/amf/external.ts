/**
 * Externalizable classes [AMF3 §3.12]. Their bytes are their own affair, so only those can be read
 * whose format is known: the Flex collections, and the "small" messages of Flex messaging.
 *
 * @module
 */

import type { ByteReader } from "../bytes/reader.ts";
import { ProtocolError, UsageError } from "../errors.ts";
import type { AmfExternal } from "./value.ts";

/** Set in a flag byte when another follows. */
const MORE_FLAGS = 0x80;

/** Flag bytes read per class: Flex writes two at most. */
const MAX_FLAG_BYTES = 8;

/**
 * How many classes of its inheritance chain write flags, by class name. None means one bare value.
 * The messages go by a three letter alias too: AsyncMessageExt adds to AbstractMessage,
 * AcknowledgeMessageExt and CommandMessageExt to AsyncMessage.
 */
const FORMATS: ReadonlyMap<string, number> = new Map([
  ["flex.messaging.io.ArrayCollection", 0],
  ["flex.messaging.io.ArrayList", 0],
  ["flex.messaging.io.ObjectProxy", 0],
  ["DSA", 2],
  ["flex.messaging.messages.AsyncMessageExt", 2],
  ["DSK", 3],
  ["flex.messaging.messages.AcknowledgeMessageExt", 3],
  ["DSC", 3],
  ["flex.messaging.messages.CommandMessageExt", 3],
]);

/**
 * How many values the flag byte `flags` announces. All seven bits have a meaning in the first byte
 * of the first class; elsewhere bit 6 announces nothing.
 */
function announced(flags: number, first: boolean): number {
  let count = 0;
  for (let bit = 0; bit < (first ? 7 : 6); bit++) count += flags >> bit & 1;
  return count;
}

function countAnnounced(bytes: readonly number[], section: number): number {
  return bytes.reduce((sum, byte, i) => sum + announced(byte, section === 0 && i === 0), 0);
}

/**
 * Reads the body of an externalizable object.
 *
 * @param flags filled with the flag bytes, one list per class
 * @param readValue reads and keeps the next value
 * @throws {ProtocolError} `amf` when the class is not known: nobody can tell where its body ends
 */
export function readExternal(
  className: string,
  reader: ByteReader,
  flags: number[][],
  readValue: () => void,
): void {
  const sections = FORMATS.get(className);
  if (sections === undefined) {
    // Not its name: what a peer sends may be a key, and messages of errors are logged.
    throw new ProtocolError("amf", "Cannot read an externalizable class of unknown format");
  }
  if (sections === 0) return readValue();
  for (let section = 0; section < sections; section++) {
    const bytes = readFlags(reader);
    flags.push(bytes);
    for (let i = countAnnounced(bytes, section); i > 0; i--) readValue();
  }
}

function readFlags(reader: ByteReader): number[] {
  const bytes: number[] = [];
  let byte: number;
  do {
    if (bytes.length === MAX_FLAG_BYTES) {
      throw new ProtocolError("amf", `More than ${MAX_FLAG_BYTES} flag bytes in a Flex message`);
    }
    byte = reader.u8();
    bytes.push(byte);
  } while (byte >= MORE_FLAGS);
  return bytes;
}

/**
 * Writes the body of an externalizable object.
 *
 * @throws {UsageError} when the class is not known, or flags and values do not fit each other
 */
export function writeExternal(
  external: AmfExternal,
  writeByte: (byte: number) => void,
  writeValue: (index: number) => void,
): void {
  const { className, flags, values } = external;
  const sections = FORMATS.get(className);
  if (sections === undefined) {
    throw new UsageError(`Cannot write externalizable class ${className}: format not known`);
  }
  const counts = sections === 0 ? [1] : flags.map(countAnnounced);
  if (flags.length !== sections || counts.reduce((a, b) => a + b, 0) !== values.length) {
    throw new UsageError(`Flags of ${className} do not announce its ${values.length} values`);
  }
  let index = 0;
  counts.forEach((count, section) => {
    flags[section]?.forEach((byte, i, all) => {
      if (byte >= MORE_FLAGS !== i < all.length - 1) {
        throw new UsageError(`Flag byte ${i} of ${className} is wrong about its followers`);
      }
      writeByte(byte);
    });
    for (const end = index + count; index < end; index++) writeValue(index);
  });
}
