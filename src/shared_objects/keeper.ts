/**
 * Keeps shared objects in memory while they are used, and persistent ones beyond that: loads them
 * for their first user, writes changes a while after they were made, many in one.
 *
 * @module
 */
import { decodeSharedObject } from "../core/rtmp/message/shared_object.ts";
import { MessageType } from "../core/rtmp/message/types.ts";
import type { Clock, Timer } from "../ports.ts";
import type { SharedObject, SharedObjectRefusal, SharedObjectUser } from "./shared_object.ts";
import { SharedObjects, type SharedObjectsOptions } from "./shared_objects.ts";

/** Where persistent objects are. Each of them is written by one call at a time. */
export interface SharedObjectStore {
  /** What was saved last; `undefined` when there is nothing. */
  load(app: string, name: string): Promise<Uint8Array | undefined>;
  /** Replaces what was saved, wholly or not at all. */
  save(app: string, name: string, bytes: Uint8Array): Promise<void>;
  /** Forgets it; nothing when there is nothing. */
  remove(app: string, name: string): Promise<void>;
}

/** How large one object may be, unless configured: bytes of its names and values, and properties. */
export const DEFAULT_OBJECT_LIMITS = { bytes: 32 * 1024, properties: 256 } as const;

/** How long changes are collected before they are written (ms). */
export const SAVE_DELAY_MS = 1000;
/** How long after a write that failed the next is tried (ms). */
export const SAVE_RETRY_MS = 10_000;
/** Writes in a row that may fail before an object that nobody uses is given up. */
export const MAX_SAVE_FAILURES = 3;

/** What a keeper needs. */
export interface SharedObjectKeeperOptions extends SharedObjectsOptions {
  readonly clock: Clock;
  /** Without one no object is persistent. */
  readonly store?: SharedObjectStore;
  /** Is told of every fault of the store, for the log. Must not throw. */
  onFault(what: "load" | "save", error: unknown): void;
}

/** What is on the way to the store of one object. */
interface Unsaved {
  timer: Timer | undefined;
  writing: Promise<void> | undefined;
  /** Whether it changed since the last write began. */
  changed: boolean;
  failures: number;
}

/** The shared objects of one server. */
export class SharedObjectKeeper {
  readonly #options: SharedObjectKeeperOptions;
  readonly #objects: SharedObjects;
  readonly #loading = new Map<SharedObject, Promise<boolean>>();
  /** How many are about to use an object that is being loaded: it must not go meanwhile. */
  readonly #expected = new Map<SharedObject, number>();
  readonly #unsaved = new Map<SharedObject, Unsaved>();
  #faults = 0;

  constructor(options: SharedObjectKeeperOptions) {
    this.#options = options;
    this.#objects = new SharedObjects(options);
  }

  /** Objects in memory. */
  get size(): number {
    return this.#objects.size;
  }

  /** Loads and writes that failed so far. */
  get faults(): number {
    return this.#faults;
  }

  /**
   * Makes `user` a user of an object, or says why not. A promise only when the object has to be
   * loaded; it never rejects. `wanted` is asked right before: it tells whether the user is still
   * there, and notes what it is about to use.
   */
  use(
    app: string,
    name: string,
    persistent: boolean,
    user: SharedObjectUser,
    wanted: (object: SharedObject) => boolean,
  ): SharedObject | SharedObjectRefusal | Promise<SharedObject | SharedObjectRefusal> {
    if (persistent && this.#options.store === undefined) return "SharedObject.BadPersistence";
    const known = this.#objects.get(app, name);
    const object = this.#objects.open(app, name, persistent);
    if (typeof object === "string") return object;
    if (persistent && known === undefined) this.#loading.set(object, this.#load(object));
    const loading = this.#loading.get(object);
    if (loading === undefined) {
      if (wanted(object)) object.use(user);
      else this.#dropIfUnused(object);
      return object;
    }
    this.#expected.set(object, (this.#expected.get(object) ?? 0) + 1);
    return loading.then((loaded) => {
      const expected = this.#expected.get(object)! - 1;
      if (expected > 0) this.#expected.set(object, expected);
      else this.#expected.delete(object);
      if (loaded && wanted(object)) object.use(user);
      else this.#dropIfUnused(object);
      return loaded ? object : "SharedObject.ObjectCreationFailed";
    });
  }

  async #load(object: SharedObject): Promise<boolean> {
    const { app, name } = object;
    try {
      const bytes = await this.#options.store!.load(app, name);
      if (bytes !== undefined) {
        const stored = decodeSharedObject(MessageType.SharedObjectAmf0, bytes, {
          maxNodes: Infinity,
        });
        if (stored.name !== name) throw new Error("It holds another shared object");
        object.restore(stored.version, stored.events);
      }
      return true;
    } catch (error) {
      this.#fault("load", error);
      // Whoever asks again shall try again.
      this.#objects.drop(object);
      return false;
    } finally {
      this.#loading.delete(object);
    }
  }

  /** A user left an object. */
  release(object: SharedObject, user: SharedObjectUser): void {
    object.release(user);
    const unsaved = this.#unsaved.get(object);
    if (object.userCount > 0) return;
    if (unsaved === undefined) this.#dropIfUnused(object);
    else this.#write(object, unsaved);
  }

  #dropIfUnused(object: SharedObject): void {
    if (object.userCount > 0 || this.#expected.has(object) || this.#unsaved.has(object)) return;
    this.#objects.drop(object);
  }

  /** An object changed: if it is persistent it is written before long. */
  changed(object: SharedObject): void {
    if (!object.persistent) return;
    let unsaved = this.#unsaved.get(object);
    if (unsaved === undefined) {
      unsaved = { timer: undefined, writing: undefined, changed: false, failures: 0 };
      this.#unsaved.set(object, unsaved);
    }
    unsaved.changed = true;
    this.#schedule(object, unsaved, SAVE_DELAY_MS);
  }

  #schedule(object: SharedObject, unsaved: Unsaved, ms: number): void {
    if (unsaved.writing !== undefined) return;
    unsaved.timer ??= this.#options.clock.after(ms, () => this.#write(object, unsaved));
  }

  #write(object: SharedObject, unsaved: Unsaved): void {
    unsaved.timer?.cancel();
    unsaved.timer = undefined;
    unsaved.writing ??= this.#save(object, unsaved);
  }

  /** Never rejects. */
  async #save(object: SharedObject, unsaved: Unsaved): Promise<void> {
    const { app, name } = object;
    const store = this.#options.store!;
    unsaved.changed = false;
    try {
      if (object.properties.size === 0) await store.remove(app, name);
      else await store.save(app, name, object.snapshot());
      unsaved.failures = 0;
    } catch (error) {
      this.#fault("save", error);
      unsaved.failures++;
      unsaved.changed = true;
    }
    unsaved.writing = undefined;
    if (!unsaved.changed) {
      this.#unsaved.delete(object);
      this.#dropIfUnused(object);
    } else if (object.userCount === 0 && unsaved.failures >= MAX_SAVE_FAILURES) {
      this.#unsaved.delete(object);
      this.#dropIfUnused(object);
    } else {
      const ms = unsaved.failures > 0 ? SAVE_RETRY_MS : SAVE_DELAY_MS;
      this.#schedule(object, unsaved, ms);
    }
  }

  #fault(what: "load" | "save", error: unknown): void {
    this.#faults++;
    this.#options.onFault(what, error);
  }

  /** Writes all that is not written yet; what fails now is lost. Resolves when that is done. */
  async flush(): Promise<void> {
    for (const [object, unsaved] of [...this.#unsaved]) {
      // What is being written may be older than the last change.
      await unsaved.writing;
      if (!this.#unsaved.has(object)) continue;
      this.#write(object, unsaved);
      await unsaved.writing;
      unsaved.timer?.cancel();
      unsaved.timer = undefined;
    }
  }
}
