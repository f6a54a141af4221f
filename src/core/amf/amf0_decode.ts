/**
 * Decodes AMF0 [AMF0 §2].
 *
 * @module
 */

import { ByteReader } from "../bytes/reader.ts";
import { ProtocolError } from "../errors.ts";
import { Amf3Decoder } from "./amf3_decode.ts";
import { AmfBudget, type AmfLimits } from "./limits.ts";
import { Amf0Marker } from "./markers.ts";
import {
  AMF_UNSUPPORTED,
  AmfDate,
  AmfEcmaArray,
  AmfObject,
  type AmfValue,
  AmfXml,
} from "./value.ts";

/** Reads AMF0 values off a reader; one decoder per message, whose reference table it keeps. */
export class Amf0Decoder {
  readonly #reader: ByteReader;
  readonly #budget: AmfBudget;
  /** Whether any value so far was AMF3. */
  sawAmf3 = false;
  /** Objects and arrays in order of appearance [AMF0 §2.9]. */
  readonly #references: AmfValue[] = [];

  /** Reads what `reader` has; `budget` bounds what is built of it. */
  constructor(reader: ByteReader, budget: AmfBudget = new AmfBudget()) {
    this.#reader = reader;
    this.#budget = budget;
  }

  /**
   * Reads the next value.
   *
   * @throws {ProtocolError} `amf` when it is malformed or cut off, `limit` when it is too much
   */
  readValue(): AmfValue {
    const reader = this.#reader;
    const at = reader.offset;
    const marker = reader.u8();
    // The value behind the switch counts itself.
    if (marker !== Amf0Marker.AvmPlus) this.#budget.node();
    switch (marker) {
      case Amf0Marker.Number:
        return reader.f64();
      case Amf0Marker.Boolean:
        return reader.u8() !== 0;
      case Amf0Marker.String:
        return this.#text(reader.u16());
      case Amf0Marker.Object:
        return this.#object(undefined);
      case Amf0Marker.Null:
        return null;
      case Amf0Marker.Undefined:
        return undefined;
      case Amf0Marker.Reference:
        return this.#reference(reader.u16());
      case Amf0Marker.EcmaArray:
        return this.#ecmaArray();
      case Amf0Marker.StrictArray:
        return this.#strictArray(reader.u32());
      case Amf0Marker.Date:
        return new AmfDate(reader.f64(), reader.i16());
      case Amf0Marker.LongString:
        return this.#text(reader.u32());
      case Amf0Marker.Unsupported:
        return AMF_UNSUPPORTED;
      case Amf0Marker.XmlDocument:
        return new AmfXml(this.#text(reader.u32()));
      case Amf0Marker.TypedObject:
        return this.#object(this.#text(reader.u16()));
      case Amf0Marker.AvmPlus:
        this.sawAmf3 = true;
        // Each switch has tables of its own and covers one value [AMF0 §3.1].
        return new Amf3Decoder(reader, this.#budget).readValue();
      default:
        throw new ProtocolError("amf", `AMF0 marker ${marker} at offset ${at} begins no value`);
    }
  }

  #text(length: number): string {
    return this.#reader.utf8(this.#budget.string(length));
  }

  #reference(index: number): AmfValue {
    if (index >= this.#references.length) {
      throw new ProtocolError(
        "amf",
        `AMF0 reference ${index} to one of ${this.#references.length} objects`,
      );
    }
    return this.#references[index];
  }

  #object(className: string | undefined): AmfObject {
    const object = new AmfObject([], className);
    this.#members(object);
    return object;
  }

  #ecmaArray(): AmfEcmaArray {
    // A hint only, and often wrong: the end marker decides.
    this.#reader.u32();
    const array = new AmfEcmaArray();
    this.#members(array);
    return array;
  }

  /** Names and values up to the end marker, or up to the end of the bytes: some leave it out. */
  #members(owner: AmfObject | AmfEcmaArray): void {
    const reader = this.#reader;
    // Before the members, which may refer back to their owner.
    this.#references.push(owner);
    this.#budget.enter();
    while (reader.remaining > 0) {
      if (reader.peek() === 0 && (reader.peek(1) ?? 0) === 0) {
        const marker = reader.peek(2) ?? Amf0Marker.ObjectEnd;
        if (marker === Amf0Marker.ObjectEnd) {
          reader.bytes(Math.min(3, reader.remaining));
          break;
        }
      }
      const name = this.#text(reader.u16());
      owner.entries.set(name, this.readValue());
    }
    this.#budget.leave();
  }

  #strictArray(count: number): AmfValue[] {
    const reader = this.#reader;
    if (count > reader.remaining) {
      throw new ProtocolError("amf", `AMF0 array of ${count} items in ${reader.remaining} bytes`);
    }
    const items: AmfValue[] = [];
    this.#references.push(items);
    this.#budget.enter();
    for (let i = 0; i < count; i++) items.push(this.readValue());
    this.#budget.leave();
    return items;
  }
}

/** Whether all that is left is the end marker that FLV script tags close with [FLV E.4.4.1]. */
function onlyEndMarker(reader: ByteReader): boolean {
  return reader.remaining === 3 && reader.peek() === 0 && reader.peek(1) === 0 &&
    reader.peek(2) === Amf0Marker.ObjectEnd;
}

/**
 * Decodes all values of a message body.
 *
 * @param limits those of a command where left out
 * @throws {ProtocolError} `amf` when it is malformed or cut off, `limit` when it is too much
 */
export function decodeAmf0(bytes: Uint8Array, limits: Partial<AmfLimits> = {}): AmfValue[] {
  const budget = new AmfBudget(limits);
  budget.body(bytes.length);
  const reader = new ByteReader(bytes, "amf");
  const decoder = new Amf0Decoder(reader, budget);
  const values: AmfValue[] = [];
  while (reader.remaining > 0 && !onlyEndMarker(reader)) values.push(decoder.readValue());
  return values;
}
