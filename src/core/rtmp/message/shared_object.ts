/**
 * Bodies of shared object messages, types 19 (AMF0) and 16 (AMF3) [RTMP 1.0 §7.1.3].
 *
 * Property values stay as they were encoded: what one client wrote reaches the others byte for byte,
 * costs what it weighs, and no reference inside it can make it grow.
 *
 * @module
 */
import { Amf0Decoder, AmfBudget, type AmfLimits, COMMAND_AMF_LIMITS } from "../../amf/mod.ts";
import { ByteReader } from "../../bytes/reader.ts";
import { ByteWriter, utf8 } from "../../bytes/writer.ts";
import { ProtocolError, UsageError } from "../../errors.ts";
import { MessageType } from "./types.ts";

/** Events of a shared object [RTMP 1.0 §7.1.3]; the last one is not in the specification. */
export const SharedObjectEventType = {
  Use: 1,
  Release: 2,
  RequestChange: 3,
  Change: 4,
  Success: 5,
  SendMessage: 6,
  Status: 7,
  Clear: 8,
  Remove: 9,
  RequestRemove: 10,
  UseSuccess: 11,
  /** What later Flash players send for `clear()`. */
  RequestClear: 14,
} as const;

/** One event. */
export type SharedObjectEvent =
  | { readonly type: 1 | 2 | 8 | 11 | 14 }
  | {
    readonly type: 3 | 4;
    readonly key: string;
    /** One AMF0 value, which may switch to AMF3 [AMF0 §3.1]. */
    readonly value: Uint8Array;
  }
  | { readonly type: 5 | 9 | 10; readonly key: string }
  | {
    readonly type: 6;
    readonly handler: string;
    /** The handler name and the arguments as AMF0 values. */
    readonly body: Uint8Array;
  }
  | { readonly type: 7; readonly code: string; readonly level: string };

/** A whole message. */
export interface SharedObjectMessage {
  /** Name of the object. */
  readonly name: string;
  /** Unsigned, 32 bits. */
  readonly version: number;
  /** Whether the object outlives its users. */
  readonly persistent: boolean;
  /** What is asked or told, in this order. */
  readonly events: readonly SharedObjectEvent[];
}

/** Longest name of an object, a property, or a status text, in bytes of UTF-8. */
export const MAX_SHARED_OBJECT_NAME = 255;
/** Most events of one message; each pair of a change with several counts. */
export const MAX_SHARED_OBJECT_EVENTS = 256;

/** Properties may be longer than the texts of commands. */
const SHARED_OBJECT_AMF_LIMITS: AmfLimits = { ...COMMAND_AMF_LIMITS, maxStringBytes: 64 * 1024 };

/** The bit of the flags that says that an object outlives its users. */
const PERSISTENT = 2;

/**
 * Reads a message. What is kept is copied. Events of an unknown type are left out, and so is what
 * follows the part of an event that is known.
 *
 * @param type 16 or 19
 * @throws {ProtocolError} `amf` when it is malformed or cut off, `limit` when it is too much
 */
export function decodeSharedObject(
  type: number,
  payload: Uint8Array,
  limits: Partial<AmfLimits> = {},
): SharedObjectMessage {
  // The name is shorter than 256 bytes, so that its length begins with a 0: two of them are the
  // format byte of AMF3 and that one. Clients that leave out the byte are understood as well.
  const hasFormat = type === MessageType.SharedObjectAmf3 && payload[0] === 0 && payload[1] === 0;
  const reader = new ByteReader(hasFormat ? payload.subarray(1) : payload, "amf");
  const name = readName(reader);
  const version = reader.u32();
  const persistent = (reader.u32() & PERSISTENT) !== 0;
  reader.u32();
  const budget = new AmfBudget({ ...SHARED_OBJECT_AMF_LIMITS, ...limits });
  const events: SharedObjectEvent[] = [];
  while (reader.remaining > 0) {
    const event = reader.u8();
    readEvent(event, reader.bytes(reader.u32()), budget, events);
    if (events.length > MAX_SHARED_OBJECT_EVENTS) {
      throw new ProtocolError(
        "limit",
        `A shared object message of more than ${MAX_SHARED_OBJECT_EVENTS} events`,
      );
    }
  }
  return { name, version, persistent, events };
}

function readName(reader: ByteReader): string {
  const length = reader.u16();
  if (length <= MAX_SHARED_OBJECT_NAME) {
    const name = reader.utf8(length);
    // What was not UTF-8 has become longer, and has to fit once more on the way out.
    if (length <= MAX_SHARED_OBJECT_NAME / 3 || utf8(name).length <= MAX_SHARED_OBJECT_NAME) {
      return name;
    }
  }
  throw new ProtocolError(
    "limit",
    `A shared object name of ${length} bytes, at most ${MAX_SHARED_OBJECT_NAME} are read`,
  );
}

function readEvent(
  type: number,
  data: Uint8Array,
  budget: AmfBudget,
  events: SharedObjectEvent[],
): void {
  const reader = new ByteReader(data, "amf");
  switch (type) {
    case SharedObjectEventType.Use:
    case SharedObjectEventType.Release:
    case SharedObjectEventType.Clear:
    case SharedObjectEventType.UseSuccess:
    case SharedObjectEventType.RequestClear:
      events.push({ type });
      return;
    case SharedObjectEventType.RequestChange:
    case SharedObjectEventType.Change:
      // One pair, or several.
      do {
        const key = readName(reader);
        const at = reader.offset;
        // With tables of its own: a reference to another value would mean nothing once they part.
        new Amf0Decoder(reader, budget).readValue();
        events.push({ type, key, value: data.slice(at, reader.offset) });
      } while (reader.remaining > 0);
      return;
    case SharedObjectEventType.Success:
    case SharedObjectEventType.Remove:
    case SharedObjectEventType.RequestRemove:
      events.push({ type, key: readName(reader) });
      return;
    case SharedObjectEventType.SendMessage:
      events.push({ type, handler: readMessage(reader, budget), body: data.slice() });
      return;
    case SharedObjectEventType.Status:
      events.push({ type, code: readName(reader), level: readName(reader) });
  }
}

/** Reads a body to its end; returns the handler name in front. */
function readMessage(reader: ByteReader, budget: AmfBudget): string {
  const decoder = new Amf0Decoder(reader, budget);
  const handler = decoder.readValue();
  if (typeof handler !== "string") {
    throw new ProtocolError("amf", "A message to a shared object does not begin with a name");
  }
  while (reader.remaining > 0) decoder.readValue();
  return handler;
}

/**
 * Writes a message.
 *
 * @param type 16 or 19
 * @throws {UsageError} when a name is too long
 */
export function encodeSharedObject(
  type: number,
  message: SharedObjectMessage,
): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  if (type === MessageType.SharedObjectAmf3) writer.u8(0);
  writeName(writer, message.name);
  writer.u32(message.version);
  writer.u32(message.persistent ? PERSISTENT : 0);
  writer.u32(0);
  for (const event of message.events) {
    writer.u8(event.type);
    writeEvent(writer, event);
  }
  return writer.finish();
}

function writeEvent(writer: ByteWriter, event: SharedObjectEvent): void {
  switch (event.type) {
    case SharedObjectEventType.RequestChange:
    case SharedObjectEventType.Change:
      return writeBlock(writer, nameBytes(event.key), event.value);
    case SharedObjectEventType.Success:
    case SharedObjectEventType.Remove:
    case SharedObjectEventType.RequestRemove:
      return writeBlock(writer, nameBytes(event.key));
    case SharedObjectEventType.SendMessage:
      return writeBlock(writer, event.body);
    case SharedObjectEventType.Status:
      return writeBlock(writer, nameBytes(event.code), nameBytes(event.level));
    default:
      return writeBlock(writer);
  }
}

/** The length of `parts` together, then the parts. */
function writeBlock(writer: ByteWriter, ...parts: Uint8Array[]): void {
  writer.u32(parts.reduce((length, part) => length + part.length, 0));
  for (const part of parts) writer.bytes(part);
}

function writeName(writer: ByteWriter, name: string): void {
  writer.bytes(nameBytes(name));
}

/** A name with its length in front. */
function nameBytes(name: string): Uint8Array {
  const text = utf8(name);
  if (text.length > MAX_SHARED_OBJECT_NAME) {
    throw new UsageError(
      `Cannot write a shared object name of ${text.length} bytes, at most ${MAX_SHARED_OBJECT_NAME}`,
    );
  }
  const bytes = new Uint8Array(2 + text.length);
  bytes[1] = text.length;
  bytes.set(text, 2);
  return bytes;
}
