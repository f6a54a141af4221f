/**
 * Decodes AMF3 [AMF3 §3].
 *
 * @module
 */

import { ByteReader } from "../bytes/reader.ts";
import { ProtocolError } from "../errors.ts";
import { readExternal } from "./external.ts";
import { AmfBudget, type AmfLimits } from "./limits.ts";
import { Amf3Marker } from "./markers.ts";
import { readU29, signedU29 } from "./u29.ts";
import {
  AmfDate,
  AmfDictionary,
  AmfEcmaArray,
  AmfExternal,
  AmfObject,
  type AmfTraits,
  type AmfValue,
  AmfVector,
  AmfXml,
  DYNAMIC_TRAITS,
} from "./value.ts";

/** A class as it stands in the traits table. */
interface ClassTraits {
  readonly className: string;
  /** `undefined` for an externalizable class, whose layout only the class knows. */
  readonly traits: AmfTraits | undefined;
}

/** Number types of vectors: bytes per item, and how the items are read. */
const NUMBER_VECTORS = {
  [Amf3Marker.VectorInt]: {
    itemBytes: 4,
    read: (reader: ByteReader, count: number) => fill(new Int32Array(count), () => reader.i32()),
  },
  [Amf3Marker.VectorUint]: {
    itemBytes: 4,
    read: (reader: ByteReader, count: number) => fill(new Uint32Array(count), () => reader.u32()),
  },
  [Amf3Marker.VectorDouble]: {
    itemBytes: 8,
    read: (reader: ByteReader, count: number) => fill(new Float64Array(count), () => reader.f64()),
  },
} as const;

function fill<T extends Int32Array | Uint32Array | Float64Array>(items: T, read: () => number): T {
  for (let i = 0; i < items.length; i++) items[i] = read();
  return items;
}

/** Reads AMF3 values off a reader; one decoder per set of reference tables. */
export class Amf3Decoder {
  readonly #reader: ByteReader;
  readonly #budget: AmfBudget;
  readonly #strings: string[] = [];
  /** Everything but strings that can be referred to [AMF3 §2.2]. */
  readonly #objects: AmfValue[] = [];
  readonly #classes: ClassTraits[] = [];

  /** Reads what `reader` has; `budget` bounds what is built of it. */
  constructor(reader: ByteReader, budget: AmfBudget = new AmfBudget()) {
    this.#reader = reader;
    this.#budget = budget;
  }

  /**
   * Reads the next value.
   *
   * @throws {ProtocolError} `amf` when it is malformed, cut off, or of an externalizable class
   * whose format is not known; `limit` when it is too much
   */
  readValue(): AmfValue {
    const reader = this.#reader;
    const at = reader.offset;
    const marker = reader.u8();
    this.#budget.node();
    switch (marker) {
      case Amf3Marker.Undefined:
        return undefined;
      case Amf3Marker.Null:
        return null;
      case Amf3Marker.False:
        return false;
      case Amf3Marker.True:
        return true;
      case Amf3Marker.Integer:
        return signedU29(readU29(reader));
      case Amf3Marker.Double:
        return reader.f64();
      case Amf3Marker.String:
        return this.#string();
      case Amf3Marker.XmlDocument:
        return this.#referable((length) => new AmfXml(this.#text(length), "document"));
      case Amf3Marker.Date:
        return this.#referable(() => new AmfDate(reader.f64()));
      case Amf3Marker.Array:
        return this.#complex((count) => this.#array(count));
      case Amf3Marker.Object:
        return this.#complex((header) => this.#object(header));
      case Amf3Marker.Xml:
        return this.#referable((length) => new AmfXml(this.#text(length), "e4x"));
      case Amf3Marker.ByteArray:
        return this.#referable((length) => reader.bytes(length).slice());
      case Amf3Marker.VectorInt:
      case Amf3Marker.VectorUint:
      case Amf3Marker.VectorDouble:
        return this.#referable((count) => this.#numberVector(marker, count));
      case Amf3Marker.VectorObject:
        return this.#complex((count) => this.#objectVector(count));
      case Amf3Marker.Dictionary:
        return this.#complex((count) => this.#dictionary(count));
      default:
        throw new ProtocolError("amf", `AMF3 marker ${marker} at offset ${at} begins no value`);
    }
  }

  /** A reference, or what `read` makes of the other 28 bits; it holds no other values. */
  #referable(read: (bits: number) => AmfValue): AmfValue {
    const header = readU29(this.#reader);
    if ((header & 1) === 0) return this.#lookup(this.#objects, header >> 1, "object");
    const value = read(header >> 1);
    this.#objects.push(value);
    return value;
  }

  /** The same for a value that holds others, and enters itself in the table before it does. */
  #complex(read: (bits: number) => AmfValue): AmfValue {
    const header = readU29(this.#reader);
    if ((header & 1) === 0) return this.#lookup(this.#objects, header >> 1, "object");
    this.#budget.enter();
    const value = read(header >> 1);
    this.#budget.leave();
    return value;
  }

  #lookup<T>(table: readonly T[], index: number, what: string): T {
    if (index >= table.length) {
      throw new ProtocolError("amf", `AMF3 reference ${index} to one of ${table.length} ${what}s`);
    }
    return table[index]!;
  }

  #text(length: number): string {
    return this.#reader.utf8(this.#budget.string(length));
  }

  /** A string without marker [AMF3 §1.3.2]; the empty one is never in the table. */
  #string(): string {
    const header = readU29(this.#reader);
    if ((header & 1) === 0) return this.#lookup(this.#strings, header >> 1, "string");
    const text = this.#text(header >> 1);
    if (header !== 1) this.#strings.push(text);
    return text;
  }

  /** Refuses a count that cannot be true, as each item takes at least `itemBytes`. */
  #plausible(count: number, itemBytes: number): void {
    const { remaining } = this.#reader;
    if (count * itemBytes > remaining) {
      throw new ProtocolError("amf", `AMF3 count of ${count} items in ${remaining} bytes`);
    }
  }

  #array(count: number): AmfValue {
    let name = this.#string();
    const dense: AmfValue[] = [];
    // Names alone decide which of the two it is, and they cannot refer to it.
    const named = name === "" ? undefined : new AmfEcmaArray([], dense);
    this.#objects.push(named ?? dense);
    for (; name !== ""; name = this.#string()) named!.entries.set(name, this.readValue());
    this.#plausible(count, 1);
    for (let i = 0; i < count; i++) dense.push(this.readValue());
    return named ?? dense;
  }

  #object(header: number): AmfValue {
    const { className, traits } = this.#class(header);
    if (traits === undefined) return this.#external(className);
    const object = new AmfObject([], className === "" ? undefined : className, traits);
    this.#objects.push(object);
    for (const name of traits.sealed) object.entries.set(name, this.readValue());
    if (traits.dynamic) {
      for (let name = this.#string(); name !== ""; name = this.#string()) {
        object.entries.set(name, this.readValue());
      }
    }
    return object;
  }

  /** The class of an object, from the bits of its header behind the object reference bit. */
  #class(header: number): ClassTraits {
    if ((header & 1) === 0) return this.#lookup(this.#classes, header >> 1, "class");
    const external = (header & 2) !== 0;
    const className = this.#string();
    const entry = {
      className,
      traits: external ? undefined : this.#traits(header >> 3, (header & 4) !== 0),
    };
    this.#classes.push(entry);
    return entry;
  }

  #traits(count: number, dynamic: boolean): AmfTraits {
    if (count === 0 && dynamic) return DYNAMIC_TRAITS;
    this.#plausible(count, 1);
    const sealed: string[] = [];
    for (let i = 0; i < count; i++) {
      // A name is a value too: no object of the class is needed to make this long.
      this.#budget.node();
      sealed.push(this.#string());
    }
    return { sealed, dynamic };
  }

  #external(className: string): AmfExternal {
    const values: AmfValue[] = [];
    const flags: number[][] = [];
    const external = new AmfExternal(className, values, flags);
    this.#objects.push(external);
    readExternal(className, this.#reader, flags, () => values.push(this.readValue()));
    return external;
  }

  #numberVector(marker: keyof typeof NUMBER_VECTORS, count: number): AmfVector {
    const fixed = this.#reader.u8() !== 0;
    const { itemBytes, read } = NUMBER_VECTORS[marker];
    this.#plausible(count, itemBytes);
    return new AmfVector(read(this.#reader, count), fixed);
  }

  #objectVector(count: number): AmfVector {
    const fixed = this.#reader.u8() !== 0;
    const items: AmfValue[] = [];
    const vector = new AmfVector(items, fixed, this.#string());
    this.#objects.push(vector);
    this.#plausible(count, 1);
    for (let i = 0; i < count; i++) items.push(this.readValue());
    return vector;
  }

  #dictionary(count: number): AmfDictionary {
    const entries: [AmfValue, AmfValue][] = [];
    const dictionary = new AmfDictionary(entries, this.#reader.u8() !== 0);
    this.#objects.push(dictionary);
    this.#plausible(count, 2);
    for (let i = 0; i < count; i++) entries.push([this.readValue(), this.readValue()]);
    return dictionary;
  }
}

/**
 * Decodes all values of an AMF3 body; they share their reference tables.
 *
 * @param limits those of a command where left out
 * @throws {ProtocolError} `amf` when it is malformed, cut off, or of an externalizable class whose
 * format is not known; `limit` when it is too much
 */
export function decodeAmf3(bytes: Uint8Array, limits: Partial<AmfLimits> = {}): AmfValue[] {
  const budget = new AmfBudget(limits);
  budget.body(bytes.length);
  const reader = new ByteReader(bytes, "amf");
  const decoder = new Amf3Decoder(reader, budget);
  const values: AmfValue[] = [];
  while (reader.remaining > 0) values.push(decoder.readValue());
  return values;
}
