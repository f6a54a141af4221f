/**
 * Plain JavaScript data as AMF values: what plugins and the HTTP API answer with.
 *
 * @module
 */
import { UsageError } from "../errors.ts";
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

/** Most values of one conversion, members and items included. */
export const MAX_FROM_PLAIN_NODES = 65_536;
/** Deepest nesting of one conversion. */
export const MAX_FROM_PLAIN_DEPTH = 64;

/** AMF values that stand for themselves. */
const AMF_CLASSES = [
  ...[AmfDate, AmfDictionary, AmfEcmaArray, AmfExternal, AmfObject, AmfUnsupported],
  ...[AmfVector, AmfXml, Uint8Array],
];

/**
 * `value` as an AMF value. Numbers, texts, booleans, `null` and `undefined` are themselves; an array
 * becomes a strict array, a `Date` a date, a `Map` with texts for keys and every other object an
 * object of its own enumerable members. AMF values are taken as they are. What occurs twice is
 * written twice: common clients cannot read references.
 *
 * @throws {UsageError} for functions, symbols and big integers, and what is too deep, too much or
 * goes round in circles
 */
export function fromPlain(value: unknown): AmfValue {
  let nodes = 0;
  return convert(value, 0);

  function convert(value: unknown, depth: number): AmfValue {
    if (++nodes > MAX_FROM_PLAIN_NODES) {
      throw new UsageError(`Cannot write more than ${MAX_FROM_PLAIN_NODES} values as AMF`);
    }
    if (depth > MAX_FROM_PLAIN_DEPTH) {
      throw new UsageError(`Cannot write values nested more than ${MAX_FROM_PLAIN_DEPTH} deep`);
    }
    switch (typeof value) {
      case "number":
      case "string":
      case "boolean":
      case "undefined":
        return value;
      case "object":
        return value === null ? null : object(value, depth + 1);
      default:
        throw new UsageError(`Cannot write a ${typeof value} as AMF`);
    }
  }

  function object(value: object, depth: number): AmfValue {
    if (AMF_CLASSES.some((known) => value instanceof known)) return value as AmfValue;
    if (Array.isArray(value)) {
      // By index: holes are undefined, and are counted.
      const items: AmfValue[] = [];
      for (let i = 0; i < value.length; i++) items.push(convert(value[i], depth));
      return items;
    }
    // Not by its class: pure code knows no dates.
    if (Object.prototype.toString.call(value) === "[object Date]") {
      return new AmfDate(Number(value));
    }
    const members = value instanceof Map ? value.entries() : Object.entries(value);
    const entries: [string, AmfValue][] = [];
    for (const [name, item] of members) entries.push([String(name), convert(item, depth)]);
    return new AmfObject(entries);
  }
}
