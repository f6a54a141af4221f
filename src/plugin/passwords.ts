/**
 * Passwords as the authentication of old RTMP servers has them.
 *
 * @module
 */
import { md5 as digest } from "../core/bytes/md5.ts";
import { utf8 } from "../core/bytes/writer.ts";

/** The base64 of the MD5 of a text. */
export function md5(text: string): string {
  return btoa(String.fromCharCode(...digest(utf8(text))));
}
