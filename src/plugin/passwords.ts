/**
 * Passwords as the authentication of old RTMP servers has them.
 *
 * @module
 */
import { equalBytes } from "../core/bytes/equal.ts";
import { md5 as digest } from "../core/bytes/md5.ts";
import { utf8 } from "../core/bytes/writer.ts";

/** The base64 of the MD5 of a text. */
export function md5(text: string): string {
  return btoa(String.fromCharCode(...digest(utf8(text))));
}

/** Compares in a time that tells nothing of where two texts differ. */
export function isSameText(one: string, other: string): boolean {
  return equalBytes(utf8(one), utf8(other));
}
