/**
 * What modes remember of clients, so that the end of what they do is told as its beginning was: bounded, the
 * oldest one goes first.
 *
 * @module
 */

/** Most that is remembered. */
const MAX_KNOWN = 20_000;

/** A `Map` that forgets the oldest entry when it is full. */
export class Known<T> {
  readonly #map = new Map<string, T>();

  /** How many are known. */
  get size(): number {
    return this.#map.size;
  }

  /** What is known; `undefined` when nothing is. */
  get(key: string): T | undefined {
    return this.#map.get(key);
  }

  /** Remembers. */
  set(key: string, value: T): void {
    this.#map.delete(key);
    this.#map.set(key, value);
    if (this.#map.size <= MAX_KNOWN) return;
    const [oldest] = this.#map.keys();
    this.#map.delete(oldest!);
  }

  /** Forgets, and tells what it was. */
  take(key: string): T | undefined {
    const value = this.#map.get(key);
    this.#map.delete(key);
    return value;
  }

  /** All of them, the oldest one first. */
  [Symbol.iterator](): IterableIterator<[string, T]> {
    return this.#map.entries();
  }
}

/** A number of 31 bits for a text, equal where the text is. */
export function numberOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 1;
}
