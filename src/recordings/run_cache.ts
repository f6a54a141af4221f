/**
 * What was read of a file a moment ago, for those who play it at about the same place.
 *
 * @module
 */

/** Most entries: some seconds of one file each, in about 10 KB. */
const MOST = 96;

/** Keeps the latest that were asked for. */
export class RunCache<Run> {
  readonly #entries = new Map<number, Promise<Run | undefined>>();

  /** What is kept under `key`, or else is read, once for all who ask meanwhile; what is not there is not kept. */
  get(key: number, read: () => Promise<Run | undefined>): Promise<Run | undefined> {
    const known = this.#entries.get(key);
    this.#entries.delete(key);
    const entry = known ?? read();
    this.#entries.set(key, entry);
    if (known !== undefined) return known;
    const forget = () => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    };
    entry.then((run) => run === undefined ? forget() : undefined, forget);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= MOST) break;
      this.#entries.delete(oldest);
    }
    return entry;
  }
}
