/**
 * All shared objects of one server, by application and name.
 *
 * @module
 */
import {
  SharedObject,
  type SharedObjectLimits,
  type SharedObjectRefusal,
} from "./shared_object.ts";

/** Bounds of all objects together and of each. */
export interface SharedObjectsOptions extends SharedObjectLimits {
  /** Objects in memory at once. */
  readonly maxObjects: number;
  /** Objects of one application in memory at once. */
  readonly maxPerApp: number;
}

/** The shared objects in memory. */
export class SharedObjects {
  readonly #options: SharedObjectsOptions;
  readonly #apps = new Map<string, Map<string, SharedObject>>();
  #size = 0;

  constructor(options: SharedObjectsOptions) {
    this.#options = options;
  }

  /** Objects in memory. */
  get size(): number {
    return this.#size;
  }

  /** The object of this name, when it is in memory. */
  get(app: string, name: string): SharedObject | undefined {
    return this.#apps.get(app)?.get(name);
  }

  /** The object of this name, made when there is none; or why not. */
  open(app: string, name: string, persistent: boolean): SharedObject | SharedObjectRefusal {
    const known = this.get(app, name);
    if (known !== undefined) {
      return known.persistent === persistent ? known : "SharedObject.BadPersistence";
    }
    const { maxObjects, maxPerApp } = this.#options;
    let objects = this.#apps.get(app);
    if (this.#size >= maxObjects || (objects?.size ?? 0) >= maxPerApp) {
      return "SharedObject.ObjectCreationFailed";
    }
    if (objects === undefined) this.#apps.set(app, objects = new Map());
    const object = new SharedObject(app, name, persistent, this.#options);
    objects.set(name, object);
    this.#size++;
    return object;
  }

  /** Forgets an object. */
  drop(object: SharedObject): void {
    const objects = this.#apps.get(object.app);
    if (objects?.get(object.name) !== object) return;
    objects.delete(object.name);
    if (objects.size === 0) this.#apps.delete(object.app);
    this.#size--;
  }
}
