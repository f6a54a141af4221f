/**
 * What AMF0 and AMF3 values are in memory. One model serves both, so that a value may come in one
 * and go out in the other. Names are only ever keys of a `Map`: `__proto__` is a name like others.
 *
 * @module
 */

/**
 * Any AMF value.
 *
 * Numbers, booleans, strings, `null` and `undefined` are themselves, AMF3 integers are numbers. A
 * strict array [AMF0 §2.12] or an AMF3 array with dense items only [AMF3 §3.11] is a JavaScript
 * array, an AMF3 ByteArray [AMF3 §3.14] a `Uint8Array`.
 */
export type AmfValue =
  | number
  | boolean
  | string
  | null
  | undefined
  | AmfObject
  | AmfEcmaArray
  | AmfValue[]
  | AmfDate
  | AmfXml
  | Uint8Array
  | AmfVector
  | AmfDictionary
  | AmfExternal
  | AmfUnsupported;

/** How AMF3 lays out the members of an object [AMF3 §3.12]; AMF0 knows only dynamic ones. */
export interface AmfTraits {
  /** Names that every object of the class has, in the order they are written. */
  readonly sealed: readonly string[];
  /** Whether an object may have other members. */
  readonly dynamic: boolean;
}

/** The traits of an object without a class. */
export const DYNAMIC_TRAITS: AmfTraits = Object.freeze({
  sealed: Object.freeze([]) as readonly string[],
  dynamic: true,
});

/** An object [AMF0 §2.5, AMF3 §3.12], typed when it has a class name [AMF0 §2.18]. */
export class AmfObject {
  /** Members in the order they were written. */
  readonly entries: Map<string, AmfValue>;

  /** Takes the members in the order in which they are to be written. */
  constructor(
    entries: Iterable<readonly [string, AmfValue]> = [],
    /** Alias of the class; `undefined` for an anonymous object. */
    readonly className?: string,
    readonly traits: AmfTraits = DYNAMIC_TRAITS,
  ) {
    this.entries = new Map(entries);
  }

  /** The member `key`, `undefined` when there is none. */
  get(key: string): AmfValue {
    return this.entries.get(key);
  }
}

/**
 * An array with names [AMF0 §2.10, AMF3 §3.11]. AMF0 writes the items of `dense` under their
 * index, and so reads them back as entries.
 */
export class AmfEcmaArray {
  /** Named items in the order they were written. */
  readonly entries: Map<string, AmfValue>;

  /** Takes the named items in the order in which they are to be written. */
  constructor(
    entries: Iterable<readonly [string, AmfValue]> = [],
    /** Items without a name; AMF3 only. */
    readonly dense: AmfValue[] = [],
  ) {
    this.entries = new Map(entries);
  }

  /** The item named `key`, `undefined` when there is none. */
  get(key: string): AmfValue {
    return this.entries.get(key);
  }
}

/** A point in time [AMF0 §2.13, AMF3 §3.10]. */
export class AmfDate {
  /** A point in time. */
  constructor(
    /** Milliseconds since 1970 in UTC; any double, also NaN. */
    readonly ms: number,
    /** Minutes; reserved, writers put 0 and readers ignore it. AMF3 has none. */
    readonly zone = 0,
  ) {}
}

/** XML as text, never parsed [AMF0 §2.17, AMF3 §3.9, §3.13]. */
export class AmfXml {
  /** XML of either kind. */
  constructor(
    readonly text: string,
    /** `document` is the old XMLDocument, the only one in AMF0; `e4x` the XML of ActionScript 3. */
    readonly kind: "document" | "e4x" = "document",
  ) {}
}

/** Items of an AMF3 vector. */
export type AmfVectorItems = Int32Array | Uint32Array | Float64Array | AmfValue[];

/** A vector [AMF3 §3.15]; the kind of `items` says of what. */
export class AmfVector {
  /** A vector of these items. */
  constructor(
    readonly items: AmfVectorItems,
    /** Whether its length is fixed. */
    readonly fixed = false,
    /** Class of the items of a vector of objects, `""` or `*` for any; `""` for numbers. */
    readonly itemClass = "",
  ) {}
}

/** A map whose keys are any values [AMF3 §3.16]. */
export class AmfDictionary {
  /** A map of these pairs. */
  constructor(
    /** Pairs of key and value in the order they were written. */
    readonly entries: [AmfValue, AmfValue][] = [],
    /** Whether the keys are weak references; means nothing here but survives. */
    readonly weak = false,
  ) {}
}

/** An object that writes itself [AMF3 §3.12], of one of the few classes whose format is known. */
export class AmfExternal {
  /** An object of a class that writes itself. */
  constructor(
    readonly className: string,
    /** The values it consists of, in the order they were written. */
    readonly values: AmfValue[],
    /**
     * Flag bytes of the Flex small messages, one list per class of the inheritance chain; each
     * set bit stands for one of `values`. Empty for the wrappers, which hold a single value.
     */
    readonly flags: readonly (readonly number[])[] = [],
  ) {}
}

/** A value its sender could not serialize [AMF0 §2.15]; AMF3 writes it as undefined. */
export class AmfUnsupported {}

/** The one {@link AmfUnsupported} there need be. */
export const AMF_UNSUPPORTED = new AmfUnsupported();

/** An anonymous object with the own members of `members`, in their order. */
export function amfObject(members: Readonly<Record<string, AmfValue>>): AmfObject {
  return new AmfObject(Object.entries(members));
}

/**
 * The named members of an object or an ECMA array, `undefined` for every other value. Encoders
 * send the one where the other is expected.
 */
export function asRecord(value: unknown): Map<string, AmfValue> | undefined {
  return value instanceof AmfObject || value instanceof AmfEcmaArray ? value.entries : undefined;
}
