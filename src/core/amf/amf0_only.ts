/**
 * AMF0 that begins to speak AMF3 (marker 0x11), brought back to AMF0: most players read nothing else.
 *
 * @module
 */
import { ByteReader } from "../bytes/reader.ts";
import { ProtocolError, UsageError } from "../errors.ts";
import { Amf0Decoder } from "./amf0_decode.ts";
import { encodeAmf0 } from "./amf0_encode.ts";
import { AmfBudget, type AmfLimits, DATA_AMF_LIMITS } from "./limits.ts";
import { Amf0Marker } from "./markers.ts";
import {
  AmfDate,
  AmfDictionary,
  AmfEcmaArray,
  AmfExternal,
  AmfObject,
  type AmfValue,
  AmfVector,
  AmfXml,
} from "./value.ts";

/** So many times the bytes of a body its texts may take, once each reference to one is written out. */
const MAX_GROWTH = 16;

/** So many values it may become for each byte, for the same reason. */
const MAX_VALUES_PER_BYTE = 4;

/**
 * The same values in AMF0 alone: `body` itself where it is that already, `undefined` when it cannot be
 * read or becomes too much.
 *
 * What occurs several times is written as often, because few players know references. Vectors become
 * arrays, dictionaries objects of those of their keys that are texts or numbers, Flex wrappers what they
 * hold, E4X an XML document. Byte arrays, other externalizable objects, and an object within itself,
 * become null.
 */
export function amf0Only(
  body: Uint8Array,
  limits: AmfLimits = DATA_AMF_LIMITS,
): Uint8Array | undefined {
  if (!body.includes(Amf0Marker.AvmPlus)) return body;
  const reader = new ByteReader(body, "amf");
  const budget = new AmfBudget(limits);
  const decoder = new Amf0Decoder(reader, budget);
  try {
    budget.body(body.length);
    const values: AmfValue[] = [];
    while (reader.remaining > 0) values.push(decoder.readValue());
    if (!decoder.sawAmf3) return body;
    const most = Math.min(limits.maxNodes, MAX_VALUES_PER_BYTE * body.length);
    const copier = new Copier(most, MAX_GROWTH * body.length);
    return encodeAmf0(...values.map((value) => copier.copy(value)));
  } catch (error) {
    if (!(error instanceof ProtocolError) && !(error instanceof UsageError)) throw error;
    // Nobody can tell what it is, unless it was on its way to be AMF3.
    return decoder.sawAmf3 ? undefined : body;
  }
}

/** Copies values as far as AMF0 has types for them. */
class Copier {
  readonly #maxNodes: number;
  readonly #maxText: number;
  /** The objects that the present one is inside of. */
  readonly #within = new Set<object>();
  #nodes = 0;
  #text = 0;

  constructor(maxNodes: number, maxText: number) {
    this.#maxNodes = maxNodes;
    this.#maxText = maxText;
  }

  /** @throws {ProtocolError} `limit` when the copy becomes too much */
  copy(value: AmfValue): AmfValue {
    this.#count(typeof value === "string" ? value : "");
    if (typeof value !== "object" || value === null || value instanceof AmfDate) return value;
    if (value instanceof AmfXml) {
      this.#count(value.text);
      return new AmfXml(value.text);
    }
    if (value instanceof Uint8Array || this.#within.has(value)) return null;
    this.#within.add(value);
    const copy = this.#container(value);
    this.#within.delete(value);
    return copy;
  }

  #container(value: object): AmfValue {
    if (Array.isArray(value)) return value.map((item) => this.copy(item));
    if (value instanceof AmfVector) return Array.from(value.items, (item) => this.copy(item));
    if (value instanceof AmfObject) {
      return new AmfObject(this.#members(value.entries), value.className);
    }
    if (value instanceof AmfEcmaArray) {
      const dense = value.dense.map((item) => this.copy(item));
      return new AmfEcmaArray(this.#members(value.entries), dense);
    }
    if (value instanceof AmfDictionary) {
      const named = value.entries.filter(([key]) =>
        typeof key === "string" || typeof key === "number"
      );
      return new AmfObject(this.#members(named.map(([key, item]) => [String(key), item])));
    }
    // The wrappers of Flex hold one value, and are it for everybody else.
    if (value instanceof AmfExternal && value.flags.length === 0 && value.values.length === 1) {
      return this.copy(value.values[0]);
    }
    return null;
  }

  #members(entries: Iterable<[string, AmfValue]>): [string, AmfValue][] {
    return Array.from(entries, ([name, value]) => {
      this.#text += name.length;
      return [name, this.copy(value)];
    });
  }

  #count(text: string): void {
    this.#text += text.length;
    if (++this.#nodes > this.#maxNodes || this.#text > this.#maxText) {
      throw new ProtocolError("limit", "AMF3 that is too large as AMF0");
    }
  }
}
