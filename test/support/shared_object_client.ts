/**
 * What a client says to shared objects, and hears of them, as short lines.
 *
 * @module
 */
import { type AmfValue, decodeAmf0, encodeAmf0 } from "../../src/core/amf/mod.ts";
import {
  decodeSharedObject,
  encodeSharedObject,
  type SharedObjectEvent,
} from "../../src/core/rtmp/message/shared_object.ts";

export const USE: SharedObjectEvent = { type: 1 };
export const RELEASE: SharedObjectEvent = { type: 2 };
export const CLEAR: SharedObjectEvent = { type: 14 };

/** Sets a property. */
export function change(key: string, value: AmfValue): SharedObjectEvent {
  return { type: 3, key, value: encodeAmf0(value) };
}

/** Removes a property. */
export function remove(key: string): SharedObjectEvent {
  return { type: 10, key };
}

/** Sends a message. */
export function say(handler: string, ...args: AmfValue[]): SharedObjectEvent {
  return { type: 6, handler, body: encodeAmf0(handler, ...args) };
}

/** The body of a message of a client. */
export function sharedObject(
  name: string,
  events: readonly SharedObjectEvent[],
  { type = 19, persistent = false }: { type?: 16 | 19; persistent?: boolean } = {},
): Uint8Array {
  return encodeSharedObject(type, { name, version: 0, persistent, events });
}

const NAMES: Record<number, string> = {
  ...{ 4: "change", 5: "success", 6: "message", 7: "status", 8: "clear", 9: "remove", 11: "use" },
};

/** A message of the server: name, version, then its events. */
export function heard(type: number, payload: Uint8Array): string {
  const { name, version, events } = decodeSharedObject(type, payload);
  return [`${name}@${version}`, ...events.map(shown)].join(" ");
}

function shown(event: SharedObjectEvent): string {
  const what = NAMES[event.type] ?? `event ${event.type}`;
  if ("value" in event) return `${what}:${event.key}=${text(decodeAmf0(event.value)[0])}`;
  if ("key" in event) return `${what}:${event.key}`;
  if ("body" in event) return `${what}:${decodeAmf0(event.body).map(text).join(",")}`;
  return "code" in event ? `${what}:${event.code}` : what;
}

function text(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
