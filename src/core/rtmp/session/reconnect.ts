/**
 * Reconnect Request: a client is asked to come again, here or elsewhere, at a moment that suits it
 * [E-RTMP v2 "Reconnect Request"].
 *
 * @module
 */
import { type Capabilities, CapsEx } from "./capabilities.ts";

/** Most characters of a URL that clients are sent to. */
const MAX_URL_LENGTH = 1024;
/** A URL of RTMP, or what is relative to the client's own: `//host/app`, `/app`. */
const URL_FORM = /^(?:rtmp(?:s|t|e|te|ts)?:\/\/|\/)[\x21-\x7e]+$/i;

/** Whether clients can be sent to this URL, absolute or relative to the one they used. */
export function isReconnectUrl(text: string): boolean {
  return text.length <= MAX_URL_LENGTH && URL_FORM.test(text);
}

/** Whether a client said that it follows such a request. No other is asked. */
export function followsReconnect(capabilities: Capabilities): boolean {
  return (capabilities.capsEx & CapsEx.Reconnect) !== 0;
}
