/**
 * Lists of options [RFC 7016 §2.1.3]: each has its length, its type and a value. One of length 0 is a
 * marker, behind which something else begins.
 *
 * @module
 */
import { PacketReader } from "./reader.ts";
import { vluLength, writeVlu } from "./vlu.ts";

/** An option; the value is lent. */
export interface Option {
  readonly type: number;
  readonly value: Uint8Array;
}

/** Most options that are looked at in one list. */
const MAX_OPTIONS = 64;

/** The options up to the first marker, or the end; `undefined` when they cannot be read. */
export function readOptions(bytes: Uint8Array): Option[] | undefined {
  const reader = new PacketReader().set(bytes);
  const options: Option[] = [];
  while (reader.left > 0) {
    const option = readOption(reader);
    if (option === undefined) break;
    if (reader.failed || options.push(option) > MAX_OPTIONS) return undefined;
  }
  return reader.failed ? undefined : options;
}

/** The next option; `undefined` for a marker, or when the reader failed. */
export function readOption(reader: PacketReader): Option | undefined {
  const length = reader.vlu();
  const end = reader.at + length;
  if (length === 0 || end > reader.end) {
    if (length > 0) reader.take(length);
    return undefined;
  }
  const type = reader.vlu();
  if (reader.failed || reader.at > end) {
    // Its length ends within its type.
    reader.take(Infinity);
    return undefined;
  }
  return { type, value: reader.take(end - reader.at) };
}

/** An option as bytes. */
export function option(type: number, value: Uint8Array = new Uint8Array()): Uint8Array {
  const length = vluLength(type) + value.length;
  const bytes = new Uint8Array(vluLength(length) + length);
  const at = writeVlu(bytes, writeVlu(bytes, 0, length), type);
  bytes.set(value, at);
  return bytes;
}
