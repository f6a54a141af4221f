/**
 * What the nodes of a cluster have in common, as types only: two stores of entries, and messages.
 *
 * @module
 */

/** An entry of a store. */
export interface BusEntry {
  readonly value: string;
  /** Grows with every change; above 0. */
  readonly revision: number;
}

/**
 * A store that all nodes see alike: of changes that are made at once, to one key, one succeeds. Rejects where it
 * cannot be asked, or does not answer in time; then a change may have been made all the same.
 */
export interface BusStore {
  get(key: string): Promise<BusEntry | undefined>;
  /**
   * Sets an entry whose revision is still `revision`; 0: that is not there.
   *
   * @returns its new revision; `undefined` where somebody else was first
   */
  put(key: string, value: string, revision: number): Promise<number | undefined>;
  /** Removes an entry whose revision is still this one, if it is. */
  remove(key: string, revision: number): Promise<void>;
}

/** What connects the nodes. */
export interface Bus {
  /** Entries that vanish by themselves, a fixed time after they were set last. */
  readonly leases: BusStore;
  /** Entries that vanish too, but only behind a long time. */
  readonly names: BusStore;
  /** The address of this machine as the others may see it; `undefined` while that is not known. */
  readonly ownAddress: string | undefined;
  /** Tells all who listen, now if it can be. */
  publish(subject: string, text: string): void;
  /** Has `take` called with what is told there; what it returns is the answer, if one is asked for. */
  listen(subject: string, take: (text: string) => string | void | Promise<string>): void;
  /** Asks one; `undefined` where nobody answers in time. Never rejects. */
  ask(subject: string, text: string, ms: number): Promise<string | undefined>;
  /** Asks all who listen there. Resolves once `take` says that these are enough, or behind `ms`. Never rejects. */
  askAll(
    subject: string,
    text: string,
    ms: number,
    take: (answer: string) => boolean,
  ): Promise<void>;
  /** Begins to connect. */
  open(): void;
  /** Resolves once nothing is left of it. */
  close(): Promise<void>;
}
