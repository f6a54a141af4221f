/**
 * The shared objects that a session uses: asks the plugins, takes what the client says to them, and
 * sends what becomes of them.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import {
  decodeSharedObject,
  encodeSharedObject,
  type SharedObjectEvent,
  SharedObjectEventType,
  type SharedObjectMessage,
} from "../../core/rtmp/message/shared_object.ts";
import { RECEIVER_EFFORT } from "../../core/rtmp/session/effort.ts";
import {
  type SharedObject,
  type SharedObjectKeeper,
  type SharedObjectRefusal,
  sharedObjectStatus,
  type SharedObjectUpdate,
  type SharedObjectUser,
} from "../../shared_objects/mod.ts";
import type { SessionHost } from "./session_host.ts";

const log = getLogger(["sluice", "rtmp"]);

/** Shared objects that a connection uses at once, unless configured. */
export const MAX_OBJECTS_PER_CONNECTION = 16;

/** An object in use. */
interface Use {
  readonly object: SharedObject;
  readonly mayWrite: boolean;
}

/** The shared objects of one session. */
export class SharedObjectUse implements SharedObjectUser {
  readonly #host: SessionHost;
  readonly #keeper: SharedObjectKeeper;
  readonly #uses = new Map<string, Use>();
  /** The type of the client's messages, which is also that of those to it. */
  #type: 16 | 19 = 19;
  #closed = false;
  /** Bytes of the message that is carried out, and of what the client was told since it came. */
  #said = 0;
  #told = 0;

  constructor(host: SessionHost, keeper: SharedObjectKeeper) {
    this.#host = host;
    this.#keeper = keeper;
  }

  /** How many objects it uses. */
  get count(): number {
    return this.#uses.size;
  }

  /**
   * A message of the client.
   *
   * @throws {ProtocolError} when it is malformed or too much
   */
  onMessage(type: 16 | 19, payload: Uint8Array): void {
    this.#type = type;
    this.#said = payload.length;
    this.#told = 0;
    const message = decodeSharedObject(type, payload);
    const first = message.events.findIndex(({ type }) => type === SharedObjectEventType.Use);
    if (first < 0 || this.#uses.has(message.name)) return this.#apply(message.name, message.events);
    this.#begin(message, message.events.slice(first + 1));
  }

  #begin(message: SharedObjectMessage, events: readonly SharedObjectEvent[]): void {
    const host = this.#host;
    const { context, core } = host;
    const { name, persistent } = message;
    if (this.#uses.size >= context.config.maxSharedObjectsPerConnection) {
      return this.#refuse(message, "SharedObject.ObjectCreationFailed");
    }
    const { app, query } = host.connected;
    // In order: what the client says next may be about this object.
    core.hold();
    const asked = context.plugins.sharedObject({
      ...host.connectContext(query, app),
      name,
      persistent,
    });
    host.whenDecided(asked, (decision) => {
      if (!decision.allow) {
        const { plugin } = decision;
        log.info("shared object refused", { ...host.who(), plugin });
        this.#refuse(message, "SharedObject.NoReadAccess");
        return core.goOn();
      }
      const mayWrite = decision.readOnly !== true;
      const used = this.#keeper.use(app, name, persistent, this, (object) => {
        // Noted before it is a user: whatever ends the session from here on lets the object go.
        if (!this.#closed) this.#uses.set(name, { object, mayWrite });
        return !this.#closed;
      });
      host.whenDecided(used, (object) => {
        if (typeof object === "string") this.#refuse(message, object);
        else {
          host.served();
          this.#charge(object, 0);
          this.#apply(name, events);
        }
        core.goOn();
      });
    });
  }

  #refuse({ name, version, persistent }: SharedObjectMessage, code: SharedObjectRefusal): void {
    const events = [sharedObjectStatus(code)];
    const message = { name, version, persistent, events };
    this.#host.core.sendSharedObject(this.#type, encodeSharedObject(this.#type, message));
  }

  #apply(name: string, events: readonly SharedObjectEvent[]): void {
    const use = this.#uses.get(name);
    // Not used: what is said to it is late, or nonsense.
    if (use === undefined) return;
    const end = events.findIndex(({ type }) => type === SharedObjectEventType.Release);
    const before = end < 0 ? events : events.slice(0, end);
    const { object, mayWrite } = use;
    if (object.apply(this, before, mayWrite)) this.#keeper.changed(object);
    this.#charge(object, before.length);
    // It may have been closed by what it was sent.
    if (end < 0 || !this.#uses.delete(name)) return;
    this.#keeper.release(use.object, this);
  }

  /**
   * Charges what was said to an object: its events, who hears of them, and what the client itself is
   * told of the object, which may be far more than it said.
   */
  #charge({ userCount }: SharedObject, events: number): void {
    const each = RECEIVER_EFFORT + (this.#said >> 10);
    this.#host.core.charge(events + each * userCount + (this.#told >> 8));
    this.#told = 0;
  }

  onUpdate(_object: SharedObject, update: SharedObjectUpdate): void {
    const { core, context, writer } = this.#host;
    const message = update.message(this.#type, core.chunkSize);
    this.#told += message.length;
    core.sendEncoded(message);
    context.pumps.add(writer);
  }

  onFault(error: unknown): void {
    this.#host.fault(error);
  }

  /** The session is over. */
  close(): void {
    this.#closed = true;
    const uses = [...this.#uses.values()];
    this.#uses.clear();
    for (const { object } of uses) this.#host.attempt(() => this.#keeper.release(object, this));
  }
}
