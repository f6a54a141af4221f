/**
 * AMF values as data that `JSON.stringify` takes, for logs and for the HTTP API.
 *
 * @module
 */

import {
  AmfDate,
  AmfDictionary,
  AmfEcmaArray,
  AmfExternal,
  AmfObject,
  AmfVector,
  AmfXml,
} from "./value.ts";

/** Bounds of one conversion. A shared object counts as often as it occurs. */
export interface PlainLimits {
  /** Objects and arrays inside each other; what is deeper becomes `null`. */
  readonly maxDepth: number;
  /** Values altogether; what is more is left out. */
  readonly maxNodes: number;
  /** UTF-16 code units of one string or name; what is longer is cut and ends in `…`. */
  readonly maxStringLength: number;
  /** The same of all strings and names together; what is more becomes `""`. */
  readonly maxTextLength: number;
}

/** The limits of {@link toPlain} where left out. */
export const DEFAULT_PLAIN_LIMITS: PlainLimits = {
  maxDepth: 16,
  maxNodes: 4096,
  maxStringLength: 4096,
  maxTextLength: 256 * 1024,
};

class Converter {
  readonly #limits: PlainLimits;
  #nodes: number;
  #text: number;
  /** Objects and arrays around the current value. */
  readonly #open = new Set<object>();

  constructor(limits: PlainLimits) {
    this.#limits = limits;
    this.#nodes = limits.maxNodes;
    this.#text = limits.maxTextLength;
  }

  /** Values that were converted. */
  get nodes(): number {
    return this.#limits.maxNodes - this.#nodes;
  }

  convert(value: unknown): unknown {
    this.#nodes--;
    switch (typeof value) {
      case "boolean":
        return value;
      case "number":
        return Number.isFinite(value) ? value : null;
      case "string":
        return this.#string(value);
      case "object":
        return value === null ? null : this.#object(value);
      default:
        return null;
    }
  }

  #string(text: string): string {
    const most = Math.min(this.#limits.maxStringLength, this.#text);
    this.#text -= Math.min(text.length, most);
    if (text.length <= most) return text;
    // Not in the middle of a surrogate pair.
    const end = most > 0 && (text.charCodeAt(most - 1) & 0xfc00) === 0xd800 ? most - 1 : most;
    return end > 0 ? `${text.slice(0, end)}…` : "";
  }

  #object(value: object): unknown {
    if (value instanceof AmfDate) return Number.isFinite(value.ms) ? value.ms : null;
    if (value instanceof AmfXml) return this.#string(value.text);
    if (value instanceof Uint8Array) return this.#record([["byteLength", value.length]]);
    // A cycle, or too deep.
    if (this.#open.has(value) || this.#open.size >= this.#limits.maxDepth) return null;
    this.#open.add(value);
    const plain = this.#container(value);
    this.#open.delete(value);
    return plain;
  }

  #container(value: object): unknown {
    if (Array.isArray(value)) return this.list(value);
    if (value instanceof AmfObject) return this.#record(value.entries);
    if (value instanceof AmfEcmaArray) return this.#record(ecmaEntries(value));
    if (value instanceof AmfVector) return this.list(value.items);
    if (value instanceof AmfExternal) {
      return this.#record([["className", value.className], ["values", value.values]]);
    }
    if (value instanceof AmfDictionary) return this.list(value.entries);
    return null;
  }

  list(items: Iterable<unknown>): unknown[] {
    const plain: unknown[] = [];
    for (const item of items) {
      if (this.#nodes <= 0) break;
      plain.push(this.convert(item));
    }
    return plain;
  }

  /** Without a prototype, so that `__proto__` is a name like others. */
  #record(entries: Iterable<readonly [string, unknown]>): Record<string, unknown> {
    const plain: Record<string, unknown> = Object.create(null);
    for (const [name, item] of entries) {
      if (this.#nodes <= 0) break;
      plain[this.#string(name)] = this.convert(item);
    }
    return plain;
  }
}

/** The dense items under their index, then the named ones. */
function* ecmaEntries(array: AmfEcmaArray): Iterable<readonly [string, unknown]> {
  for (let i = 0; i < array.dense.length; i++) yield [String(i), array.dense[i]];
  yield* array.entries;
}

/**
 * `value` as data that is safe to turn into JSON: objects have no prototype, a date is its
 * milliseconds since 1970, XML its text, a byte array `{ byteLength }`, a dictionary a list of pairs; what JSON has
 * no word for (NaN, undefined, unsupported) is `null`, and so is the inside of a cycle. Never
 * throws, and bounded whatever the value.
 */
export function toPlain(value: unknown, limits: Partial<PlainLimits> = {}): unknown {
  return new Converter({ ...DEFAULT_PLAIN_LIMITS, ...limits }).convert(value);
}

/**
 * Several values that came together, as {@link toPlain} makes them: the limits hold for all of them,
 * since one may refer to what is in another as often as it likes. Those too many are left out.
 */
export function toPlainList(
  values: readonly unknown[],
  limits: Partial<PlainLimits> = {},
): { readonly values: unknown[]; readonly nodes: number } {
  const converter = new Converter({ ...DEFAULT_PLAIN_LIMITS, ...limits });
  const plain = converter.list(values);
  return { values: plain, nodes: converter.nodes };
}
