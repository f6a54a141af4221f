/**
 * Encodes AMF3 [AMF3 §3].
 *
 * @module
 */

import { ByteWriter, utf8 } from "../bytes/writer.ts";
import { UsageError } from "../errors.ts";
import { writeExternal } from "./external.ts";
import { MAX_AMF_DEPTH } from "./limits.ts";
import { Amf3Marker } from "./markers.ts";
import { fitsInteger, MAX_U29, writeU29 } from "./u29.ts";
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

/** Writes AMF3 values; one encoder per set of reference tables. */
export class Amf3Encoder {
  readonly #writer: ByteWriter;
  readonly #strings = new Map<string, number>();
  /** Everything but strings that can be referred to, by identity, with its index [AMF3 §2.2]. */
  readonly #objects = new Map<object, number>();
  /** Traits already written, as one text each, with their index. */
  readonly #classes = new Map<string, number>();
  #depth: number;

  /** Writes to `writer`, inside `depth` objects and arrays that are open already. */
  constructor(writer: ByteWriter, depth = 0) {
    this.#writer = writer;
    this.#depth = depth;
  }

  /**
   * Writes a value.
   *
   * @throws {UsageError} when it is no AMF value, too deep or long for the format, has a member
   * with an empty name, or is of an externalizable class whose format is not known
   */
  writeValue(value: AmfValue): void {
    const writer = this.#writer;
    switch (typeof value) {
      case "undefined":
        return writer.u8(Amf3Marker.Undefined);
      case "boolean":
        return writer.u8(value ? Amf3Marker.True : Amf3Marker.False);
      case "number":
        return this.#number(value);
      case "string":
        writer.u8(Amf3Marker.String);
        return this.#string(value);
      case "object":
        if (value === null) return writer.u8(Amf3Marker.Null);
        if (value instanceof AmfUnsupported) return writer.u8(Amf3Marker.Undefined);
        return this.#object(value);
      default:
        throw new UsageError(`Cannot write a ${typeof value} as AMF3`);
    }
  }

  #number(value: number): void {
    if (fitsInteger(value)) {
      this.#writer.u8(Amf3Marker.Integer);
      writeU29(this.#writer, value & MAX_U29);
    } else {
      this.#writer.u8(Amf3Marker.Double);
      this.#writer.f64(value);
    }
  }

  /** A length or count, with the low bit that says "not a reference". */
  #count(count: number): void {
    if (count > MAX_U29 >> 1) throw new UsageError(`Cannot write ${count} items or bytes as AMF3`);
    writeU29(this.#writer, count << 1 | 1);
  }

  #text(text: string): void {
    const bytes = utf8(text);
    this.#count(bytes.length);
    this.#writer.bytes(bytes);
  }

  /** A string without marker [AMF3 §1.3.2]; the empty one is never in the table. */
  #string(text: string): void {
    const index = this.#strings.get(text);
    if (index !== undefined) return writeU29(this.#writer, index << 1);
    if (text !== "") this.#strings.set(text, this.#strings.size);
    this.#text(text);
  }

  #object(value: object): void {
    const marker = markerOf(value);
    this.#writer.u8(marker);
    const index = this.#objects.get(value);
    if (index !== undefined) return writeU29(this.#writer, index << 1);
    this.#objects.set(value, this.#objects.size);
    if (++this.#depth > MAX_AMF_DEPTH) {
      throw new UsageError(`Cannot write AMF nested more than ${MAX_AMF_DEPTH} deep`);
    }
    this.#body(value);
    this.#depth--;
  }

  #body(value: object): void {
    const writer = this.#writer;
    if (Array.isArray(value)) this.#array(new Map(), value);
    else if (value instanceof AmfEcmaArray) this.#array(value.entries, value.dense);
    else if (value instanceof AmfObject) this.#amfObject(value);
    else if (value instanceof AmfExternal) this.#external(value);
    else if (value instanceof AmfXml) this.#text(value.text);
    else if (value instanceof AmfVector) this.#vector(value);
    else if (value instanceof AmfDate) {
      writeU29(writer, 1);
      writer.f64(value.ms);
    } else if (value instanceof Uint8Array) {
      this.#count(value.length);
      writer.bytes(value);
    } else if (value instanceof AmfDictionary) {
      this.#count(value.entries.length);
      writer.u8(value.weak ? 1 : 0);
      for (const [key, item] of value.entries) {
        this.writeValue(key);
        this.writeValue(item);
      }
    }
  }

  #array(named: ReadonlyMap<string, AmfValue>, dense: readonly AmfValue[]): void {
    this.#count(dense.length);
    this.#members(named);
    // By index: forEach would leave out holes.
    for (let i = 0; i < dense.length; i++) this.writeValue(dense[i]);
  }

  /** Names and values up to the empty name. */
  #members(entries: ReadonlyMap<string, AmfValue>, except?: ReadonlySet<string>): void {
    for (const [name, value] of entries) {
      if (except?.has(name)) continue;
      if (name === "") throw new UsageError("Cannot write a member with an empty name as AMF3");
      this.#string(name);
      this.writeValue(value);
    }
    this.#string("");
  }

  #amfObject(object: AmfObject): void {
    const { className = "", entries, traits: { sealed } } = object;
    const others = new Set(sealed);
    // Members the traits do not name make the object dynamic whatever they say.
    const dynamic = object.traits.dynamic || [...entries.keys()].some((name) => !others.has(name));
    const key = JSON.stringify([className, dynamic, sealed]);
    if (!this.#class(key)) {
      if (sealed.length > MAX_U29 >> 4) throw new UsageError("Cannot write so many sealed members");
      writeU29(this.#writer, sealed.length << 4 | (dynamic ? 0b1011 : 0b0011));
      this.#string(className);
      for (const name of sealed) this.#string(name);
    }
    for (const name of sealed) this.writeValue(entries.get(name));
    if (dynamic) this.#members(entries, others);
  }

  #external(external: AmfExternal): void {
    if (!this.#class(external.className)) {
      writeU29(this.#writer, 0b0111);
      this.#string(external.className);
    }
    writeExternal(
      external,
      (byte) => this.#writer.u8(byte),
      (index) => this.writeValue(external.values[index]),
    );
  }

  /** Writes a traits reference when `key` was written before; else remembers it. */
  #class(key: string): boolean {
    const index = this.#classes.get(key);
    if (index !== undefined) writeU29(this.#writer, index << 2 | 0b01);
    else this.#classes.set(key, this.#classes.size);
    return index !== undefined;
  }

  #vector({ items, fixed, itemClass }: AmfVector): void {
    const writer = this.#writer;
    this.#count(items.length);
    writer.u8(fixed ? 1 : 0);
    if (items instanceof Float64Array) { for (const item of items) writer.f64(item); }
    else if (!Array.isArray(items)) { for (const item of items) writer.u32(item); }
    else {
      this.#string(itemClass);
      for (let i = 0; i < items.length; i++) this.writeValue(items[i]);
    }
  }
}

/** The type marker of an object. */
function markerOf(value: object): number {
  if (Array.isArray(value) || value instanceof AmfEcmaArray) return Amf3Marker.Array;
  if (value instanceof AmfObject || value instanceof AmfExternal) return Amf3Marker.Object;
  if (value instanceof AmfDate) return Amf3Marker.Date;
  if (value instanceof Uint8Array) return Amf3Marker.ByteArray;
  if (value instanceof AmfDictionary) return Amf3Marker.Dictionary;
  if (value instanceof AmfXml) {
    return value.kind === "document" ? Amf3Marker.XmlDocument : Amf3Marker.Xml;
  }
  if (value instanceof AmfVector) {
    if (value.items instanceof Int32Array) return Amf3Marker.VectorInt;
    if (value.items instanceof Uint32Array) return Amf3Marker.VectorUint;
    if (value.items instanceof Float64Array) return Amf3Marker.VectorDouble;
    return Amf3Marker.VectorObject;
  }
  throw new UsageError("Cannot write an object that is no AMF value: use amfObject()");
}

/**
 * Encodes values one after another; they share their reference tables.
 *
 * @throws {UsageError} when something is no AMF value, too deep or long for the format, has a
 * member with an empty name, or is of an externalizable class whose format is not known
 */
export function encodeAmf3(...values: AmfValue[]): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  const encoder = new Amf3Encoder(writer);
  for (const value of values) encoder.writeValue(value);
  return writer.finish();
}
