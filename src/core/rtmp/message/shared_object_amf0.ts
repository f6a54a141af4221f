/**
 * What is said of a shared object, for users that read AMF0 alone (message type 19).
 *
 * @module
 */
import { amf0Only, encodeAmf0 } from "../../amf/mod.ts";
import { type SharedObjectEvent, SharedObjectEventType } from "./shared_object.ts";

/** Bytes of a value, or of the body of a message, in the longer of the forms that users are told it in. */
export function largestForm(bytes: Uint8Array): number {
  return Math.max(bytes.length, amf0Only(bytes)?.length ?? 0);
}

/**
 * The same event with AMF3 in its values brought to AMF0, and itself when there is none. A value with
 * which that is not possible is null, and a message with such arguments has none.
 */
export function eventInAmf0(event: SharedObjectEvent): SharedObjectEvent {
  switch (event.type) {
    case SharedObjectEventType.RequestChange:
    case SharedObjectEventType.Change: {
      const value = amf0Only(event.value) ?? encodeAmf0(null);
      return value === event.value ? event : { ...event, value };
    }
    case SharedObjectEventType.SendMessage: {
      const body = amf0Only(event.body) ?? encodeAmf0(event.handler);
      return body === event.body ? event : { ...event, body };
    }
    default:
      return event;
  }
}
