/**
 * Encodes AMF0 [AMF0 §2].
 *
 * @module
 */

import { ByteWriter, utf8 } from "../bytes/writer.ts";
import { UsageError } from "../errors.ts";
import { Amf3Encoder } from "./amf3_encode.ts";
import { MAX_AMF_DEPTH } from "./limits.ts";
import { Amf0Marker } from "./markers.ts";
import {
  AmfDate,
  AmfDictionary,
  AmfEcmaArray,
  AmfExternal,
  AmfObject,
  AmfUnsupported,
  type AmfValue,
  AmfVector,
  AmfXml,
} from "./value.ts";

/** Longest name or short string, and highest reference: what 16 bits hold. */
const MAX_U16 = 0xffff;

/** Writes AMF0 values; one encoder per message, whose reference table it keeps. */
export class Amf0Encoder {
  readonly #writer: ByteWriter;
  /** Objects and arrays already written, by identity, with their index [AMF0 §2.9]. */
  readonly #references = new Map<object, number>();
  #depth = 0;

  /** Writes to `writer`. */
  constructor(writer: ByteWriter) {
    this.#writer = writer;
  }

  /**
   * Writes a value. What AMF0 has no type for (byte arrays, vectors, dictionaries, E4X,
   * externalizable objects) is written as AMF3 behind the switch to it.
   *
   * @throws {UsageError} when it is no AMF value, or too deep or long for the format
   */
  writeValue(value: AmfValue): void {
    const writer = this.#writer;
    switch (typeof value) {
      case "number":
        writer.u8(Amf0Marker.Number);
        return writer.f64(value);
      case "boolean":
        writer.u8(Amf0Marker.Boolean);
        return writer.u8(value ? 1 : 0);
      case "string":
        return this.#string(value);
      case "undefined":
        return writer.u8(Amf0Marker.Undefined);
      case "object":
        return value === null ? writer.u8(Amf0Marker.Null) : this.#object(value);
      default:
        throw new UsageError(`Cannot write a ${typeof value} as AMF0`);
    }
  }

  #object(value: object): void {
    const writer = this.#writer;
    if (value instanceof AmfDate) {
      writer.u8(Amf0Marker.Date);
      writer.f64(value.ms);
      writer.u16(value.zone);
    } else if (value instanceof AmfXml && value.kind === "document") {
      writer.u8(Amf0Marker.XmlDocument);
      this.#long(utf8(value.text));
    } else if (value instanceof AmfUnsupported) {
      writer.u8(Amf0Marker.Unsupported);
    } else if (onlyInAmf3(value)) {
      writer.u8(Amf0Marker.AvmPlus);
      new Amf3Encoder(writer, this.#depth).writeValue(value);
    } else if (!this.#reference(value)) {
      if (++this.#depth > MAX_AMF_DEPTH) {
        throw new UsageError(`Cannot write AMF nested more than ${MAX_AMF_DEPTH} deep`);
      }
      this.#container(value);
      this.#depth--;
    }
  }

  /** Writes a reference when `value` was written before; else remembers it. */
  #reference(value: object): boolean {
    const index = this.#references.get(value);
    if (index === undefined) {
      this.#references.set(value, this.#references.size);
      return false;
    }
    // Too far back to be referred to: written once more, the depth limit ends a cycle.
    if (index > MAX_U16) return false;
    this.#writer.u8(Amf0Marker.Reference);
    this.#writer.u16(index);
    return true;
  }

  #container(value: object): void {
    const writer = this.#writer;
    if (Array.isArray(value)) {
      writer.u8(Amf0Marker.StrictArray);
      writer.u32(value.length);
      // By index: forEach would leave out holes.
      for (let i = 0; i < value.length; i++) this.writeValue(value[i]);
    } else if (value instanceof AmfObject) {
      if (value.className === undefined) {
        writer.u8(Amf0Marker.Object);
      } else {
        writer.u8(Amf0Marker.TypedObject);
        this.#name(value.className);
      }
      this.#members(value.entries);
    } else if (value instanceof AmfEcmaArray) {
      writer.u8(Amf0Marker.EcmaArray);
      writer.u32(value.dense.length + value.entries.size);
      for (let i = 0; i < value.dense.length; i++) {
        this.#name(String(i));
        this.writeValue(value.dense[i]);
      }
      this.#members(value.entries);
    } else {
      throw new UsageError("Cannot write an object that is no AMF value: use amfObject()");
    }
  }

  #members(entries: ReadonlyMap<string, AmfValue>): void {
    for (const [name, value] of entries) {
      this.#name(name);
      this.writeValue(value);
    }
    this.#name("");
    this.#writer.u8(Amf0Marker.ObjectEnd);
  }

  #name(name: string): void {
    const bytes = utf8(name);
    if (bytes.length > MAX_U16) {
      throw new UsageError(`Cannot write a name of ${bytes.length} bytes, at most ${MAX_U16}`);
    }
    this.#writer.u16(bytes.length);
    this.#writer.bytes(bytes);
  }

  #string(text: string): void {
    const bytes = utf8(text);
    if (bytes.length > MAX_U16) {
      this.#writer.u8(Amf0Marker.LongString);
      this.#long(bytes);
    } else {
      this.#writer.u8(Amf0Marker.String);
      this.#writer.u16(bytes.length);
      this.#writer.bytes(bytes);
    }
  }

  #long(bytes: Uint8Array): void {
    this.#writer.u32(bytes.length);
    this.#writer.bytes(bytes);
  }
}

/** Whether only AMF3 has a type for `value`. */
function onlyInAmf3(value: object): value is Uint8Array | AmfXml | AmfVector | AmfDictionary {
  return value instanceof Uint8Array || value instanceof AmfXml || value instanceof AmfVector ||
    value instanceof AmfDictionary || value instanceof AmfExternal;
}

/**
 * Encodes values one after another, as a message body has them. An object or array that occurs more
 * than once, within itself too, is a reference from the second time on; librtmp among others cannot
 * read references, so give each occurrence in a reply an object of its own.
 *
 * @throws {UsageError} when something is no AMF value, or too deep or long for the format
 */
export function encodeAmf0(...values: AmfValue[]): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  const encoder = new Amf0Encoder(writer);
  for (const value of values) encoder.writeValue(value);
  return writer.finish();
}
