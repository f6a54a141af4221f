/**
 * The files of one stream: each segment is written as soon as it is whole, and the playlists behind it.
 * What is written needs no memory any more.
 *
 * @module
 */
import type { MediaFile } from "./body.ts";
import { isHlsFile } from "./request.ts";
import type { SegmentStore } from "../../segments/store.ts";

/** Writes that may wait for the disk. Over this what comes is not written. */
const MAX_WAITING = 64;

/** The folder of one stream. */
export class Archive {
  readonly #store: SegmentStore;
  readonly #folder: string;
  readonly #onFault: (error: unknown) => void;
  #waiting = 0;
  #queue: Promise<void>;
  /** Reads under way: many that ask for one file read it once. */
  readonly #reads = new Map<string, Promise<MediaFile | undefined>>();

  /** `onFault` is told of what the disk refuses. */
  constructor(store: SegmentStore, folder: string, onFault: (error: unknown) => void) {
    this.#store = store;
    this.#folder = folder;
    this.#onFault = onFault;
    this.#queue = this.#attempt(() => store.clear(folder, isHlsFile));
  }

  async #attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#onFault(error);
    }
  }

  /** In the order of the calls. */
  #enqueue(act: () => Promise<void>): void {
    if (this.#waiting >= MAX_WAITING) {
      this.#onFault(new Error("The disk is too slow for what is to be written"));
      return;
    }
    this.#waiting++;
    this.#queue = this.#queue.then(() => this.#attempt(act)).then(() => void this.#waiting--);
  }

  /** Writes a file; `done` is called once it is there. */
  write(name: string, { chunks }: MediaFile, done: () => void = () => {}): void {
    this.#enqueue(async () => {
      await this.#store.write(this.#folder, name, chunks);
      done();
    });
  }

  /** Removes a file. */
  remove(name: string): void {
    this.#enqueue(() => this.#store.remove(this.#folder, name));
  }

  /** Reads a file that was written. Never rejects. */
  read(name: string, type: string): Promise<MediaFile | undefined> {
    let read = this.#reads.get(name);
    if (read === undefined) {
      read = this.#read(name, type).finally(() => this.#reads.delete(name));
      this.#reads.set(name, read);
    }
    return read;
  }

  async #read(name: string, type: string): Promise<MediaFile | undefined> {
    try {
      const bytes = await this.#store.read(this.#folder, name);
      return bytes && { type, chunks: [bytes], size: bytes.length };
    } catch (error) {
      this.#onFault(error);
      return undefined;
    }
  }

  /** Resolves when all that was to be written is. */
  settled(): Promise<void> {
    return this.#queue;
  }
}
