/**
 * One shared object: its properties, who uses it, and who is told of a change [RTMP 1.0 §7.1.3].
 *
 * @module
 */
import { eventInAmf0, largestForm } from "../core/rtmp/message/shared_object_amf0.ts";
import { encodeMessage } from "../core/rtmp/chunk/stateless_encoder.ts";
import {
  encodeSharedObject,
  type SharedObjectEvent,
  SharedObjectEventType as Type,
} from "../core/rtmp/message/shared_object.ts";
import { MessageType } from "../core/rtmp/message/types.ts";
import { utf8 } from "../core/bytes/writer.ts";

/** Chunk stream id of shared object messages: that of commands, whose messages are as whole. */
const SHARED_OBJECT_CSID = 3;

/** Bounds of one object. */
export interface SharedObjectLimits {
  /**
   * Names and encoded values of all its properties together, in the longest form that users are told
   * them in; what one message of a user has others told as well.
   */
  readonly bytes: number;
  readonly properties: number;
}

/** Why a client may not do what it asked for; the code of a status event. */
export type SharedObjectRefusal =
  | "SharedObject.BadPersistence"
  | "SharedObject.NoReadAccess"
  | "SharedObject.NoWriteAccess"
  | "SharedObject.ObjectCreationFailed";

/** Who uses an object. Called synchronously, in the turn of another user; may release the object. */
export interface SharedObjectUser {
  onUpdate(object: SharedObject, update: SharedObjectUpdate): void;
  /** {@link onUpdate} threw: a fault of ours, which must not reach the other users. */
  onFault?(error: unknown): void;
}

/** Events for one or many users; encoded once for all of them. */
export class SharedObjectUpdate {
  readonly events: readonly SharedObjectEvent[];
  readonly #object: SharedObject;
  readonly #version: number;
  readonly #encoded = new Map<number, { chunkSize: number; bytes: Uint8Array }>();

  constructor(object: SharedObject, events: readonly SharedObjectEvent[]) {
    this.events = events;
    this.#object = object;
    this.#version = object.version;
  }

  /** The body of a message of type 16 or 19. */
  payload(type: 16 | 19): Uint8Array {
    const { name, persistent } = this.#object;
    return encodeSharedObject(type, {
      name,
      persistent,
      version: this.#version,
      events: type === MessageType.SharedObjectAmf0 ? this.events.map(eventInAmf0) : this.events,
    });
  }

  /**
   * A whole message of type 16 or 19 in chunks, with a header of type 0: the same bytes for all
   * users of one chunk size. Never changed afterwards.
   */
  message(type: 16 | 19, chunkSize: number): Uint8Array {
    const known = this.#encoded.get(type);
    if (known?.chunkSize === chunkSize) return known.bytes;
    const bytes = encodeMessage(type, 0, 0, this.payload(type), SHARED_OBJECT_CSID, chunkSize);
    this.#encoded.set(type, { chunkSize, bytes });
    return bytes;
  }
}

/** A shared object of one application. Created and dropped by {@link SharedObjects}. */
export class SharedObject {
  readonly app: string;
  readonly name: string;
  readonly persistent: boolean;
  readonly #limits: SharedObjectLimits;
  readonly #users = new Set<SharedObjectUser>();
  /** Encoded values by name. */
  #properties = new Map<string, Uint8Array>();
  /** Bytes of the longest forms of the values, by name. */
  readonly #sizes = new Map<string, number>();
  #bytes = 0;
  #version = 0;

  constructor(app: string, name: string, persistent: boolean, limits: SharedObjectLimits) {
    this.app = app;
    this.name = name;
    this.persistent = persistent;
    this.#limits = limits;
  }

  /** Rises with every change, modulo 2^32. */
  get version(): number {
    return this.#version;
  }

  /** Encoded values by name. */
  get properties(): ReadonlyMap<string, Uint8Array> {
    return this.#properties;
  }

  /** Bytes of names and values. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many use it. */
  get userCount(): number {
    return this.#users.size;
  }

  /** Adds a user, which is told all there is: use success, clear, and every property. */
  use(user: SharedObjectUser): void {
    this.#users.add(user);
    this.#tell(
      user,
      new SharedObjectUpdate(this, [
        { type: Type.UseSuccess },
        { type: Type.Clear },
        ...this.#changes(),
      ]),
    );
  }

  #tell(user: SharedObjectUser, update: SharedObjectUpdate): void {
    try {
      user.onUpdate(this, update);
    } catch (error) {
      if (user.onFault === undefined) this.#users.delete(user);
      else user.onFault(error);
    }
  }

  /** A user leaves. */
  release(user: SharedObjectUser): void {
    this.#users.delete(user);
  }

  #changes(): SharedObjectEvent[] {
    return Array.from(this.#properties, ([key, value]) => ({ type: Type.Change, key, value }));
  }

  /**
   * Carries out what a user asks for, and tells everybody. A change is refused when `mayWrite` is
   * false or a limit would be passed: the user gets a status, and the property as it is. Events that
   * only a server sends are left out.
   *
   * @returns whether a property changed
   */
  apply(user: SharedObjectUser, events: readonly SharedObjectEvent[], mayWrite: boolean): boolean {
    const before = this.#version;
    const own: SharedObjectEvent[] = [];
    const others: SharedObjectEvent[] = [];
    /** Properties that the user believes to have changed; each is put right once. */
    const wrong = new Set<string>();
    let refused = false;
    let removes = false;
    let clears = false;
    let told = 0;
    for (const event of events) {
      switch (event.type) {
        case Type.RequestChange: {
          const size = mayWrite ? largestForm(event.value) : 0;
          const fits = told + size <= this.#limits.bytes;
          if (mayWrite && fits && this.#set(event.key, event.value, size)) {
            told += size;
            const made: SharedObjectEvent = { ...event, type: Type.Change };
            own.push({ type: Type.Success, key: event.key });
            // What it removes first it is told to remove, and would do so last.
            if (removes) own.push(made);
            others.push(made);
          } else {
            refused = true;
            wrong.add(event.key);
          }
          break;
        }
        case Type.RequestRemove:
          if (mayWrite) {
            removes = true;
            own.push({ type: Type.Remove, key: event.key });
            if (this.#remove(event.key)) others.push({ type: Type.Remove, key: event.key });
          } else {
            refused = true;
            wrong.add(event.key);
          }
          break;
        case Type.RequestClear:
          if (mayWrite) {
            removes = true;
            this.#clear();
            own.push({ type: Type.Clear });
            others.push({ type: Type.Clear });
          } else {
            refused = true;
            clears = true;
          }
          break;
        case Type.SendMessage: {
          const size = mayWrite ? largestForm(event.body) : 0;
          if (mayWrite && told + size <= this.#limits.bytes) {
            told += size;
            own.push(event);
            others.push(event);
          } else refused = true;
        }
      }
    }
    if (refused) own.push(sharedObjectStatus("SharedObject.NoWriteAccess"));
    if (clears) { for (const key of this.#properties.keys()) wrong.add(key); }
    for (const key of wrong) own.push(this.#current(key));
    if (own.length > 0) this.#tell(user, new SharedObjectUpdate(this, own));
    if (others.length > 0) {
      const update = new SharedObjectUpdate(this, others);
      // A user that cannot take it may end here, and so may others it was alone with.
      for (const other of [...this.#users]) {
        if (other !== user && this.#users.has(other)) this.#tell(other, update);
      }
    }
    return this.#version !== before;
  }

  /** The event that makes a copy of a property right. */
  #current(key: string): SharedObjectEvent {
    const value = this.#properties.get(key);
    return value === undefined ? { type: Type.Remove, key } : { type: Type.Change, key, value };
  }

  /** `size`: that of its longest form. */
  #set(key: string, value: Uint8Array, size: number): boolean {
    const known = this.#sizes.get(key);
    const cost = known === undefined ? utf8(key).length + size : size - known;
    if (this.#bytes + cost > this.#limits.bytes) return false;
    if (known === undefined && this.#properties.size >= this.#limits.properties) return false;
    this.#properties.set(key, value);
    this.#sizes.set(key, size);
    this.#bytes += cost;
    this.#changed();
    return true;
  }

  #remove(key: string): boolean {
    const known = this.#sizes.get(key);
    if (known === undefined) return false;
    this.#properties.delete(key);
    this.#sizes.delete(key);
    this.#bytes -= utf8(key).length + known;
    this.#changed();
    return true;
  }

  #clear(): void {
    this.#properties.clear();
    this.#sizes.clear();
    this.#bytes = 0;
    this.#changed();
  }

  #changed(): void {
    this.#version = (this.#version + 1) >>> 0;
  }

  /** Version and properties as the body of a message of type 19, to be stored. */
  snapshot(): Uint8Array {
    return new SharedObjectUpdate(this, this.#changes()).payload(MessageType.SharedObjectAmf0);
  }

  /** Takes over what was stored, as far as the limits allow. Before anybody uses it. */
  restore(version: number, events: readonly SharedObjectEvent[]): void {
    for (const event of events) {
      if (event.type === Type.Change) this.#set(event.key, event.value, largestForm(event.value));
    }
    this.#version = version;
  }
}

/** The event that tells a client why not. */
export function sharedObjectStatus(code: SharedObjectRefusal): SharedObjectEvent {
  return { type: Type.Status, code, level: "error" };
}
