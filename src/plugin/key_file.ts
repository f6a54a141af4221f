/**
 * Secret keys of publishers: how they are made, kept and looked up, for the plugin `stream_keys` and for
 * `sluice key`.
 *
 * A key is 160 random bits, and what is kept of it is its SHA-256. Against keys that nobody can guess a slow
 * hash has nothing to protect, and whoever is refused would have the server spend the time of it: so a key
 * costs one fast hash and one look, whether it is right or not.
 *
 * @module
 */
import * as v from "valibot";
import { hex } from "../core/bytes/hex.ts";
import { utf8 } from "../core/bytes/writer.ts";
import { sha256 } from "../core/crypto/sha256.ts";
import { isStreamName } from "../core/rtmp/stream_name.ts";
import { isAddressRange } from "./address_set.ts";

/** Random bytes of a key. */
export const KEY_BYTES = 20;
/** Random bytes of what a key is called by. */
export const KEY_ID_BYTES = 4;
/** Most keys of one file. */
export const MAX_KEYS = 100_000;
/** Longest key that is looked up, in UTF-16 units. */
const MAX_KEY_LENGTH = 256;
/** The letters of a key: RFC 4648 §6 in small letters. */
const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

/** A point in time as operators write it: ISO 8601. */
const time = v.pipe(
  v.string(),
  v.check(
    (text) => /^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(Date.parse(text)),
    "a date such as 2027-01-31T12:00:00Z",
  ),
);

/** A key, as it is kept. */
export const KeyEntry: v.GenericSchema<StreamKeyEntry> = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/, "1 to 64 letters, digits or one of _ . -")),
  hash: v.pipe(v.string(), v.regex(/^[\da-f]{64}$/, "64 hexadecimal digits: see `sluice key add`")),
  name: v.pipe(v.string(), v.check((name: string) => isStreamName(name), "a stream name")),
  app: v.optional(v.string()),
  maxKbps: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  onePublisher: v.optional(v.boolean()),
  addresses: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.check(isAddressRange, "an address, or a range as 10.0.0.0/8"))),
      v.maxLength(1000),
    ),
  ),
  expires: v.optional(time),
  created: v.optional(time),
});

/** A key, as it is kept. */
export interface StreamKeyEntry {
  /** What it is called by, when it is listed or revoked. */
  id: string;
  /** SHA-256 of the key, in hexadecimal digits. */
  hash: string;
  /** The public name of the stream. */
  name: string;
  /** The only application in which it counts. */
  app?: string | undefined;
  /** What may be published with it, in kilobits (1000 bits) a second. */
  maxKbps?: number | undefined;
  /** Whether nobody may take the stream over while it is published. */
  onePublisher?: boolean | undefined;
  /** The only addresses that may use it. */
  addresses?: string[] | undefined;
  /** Until when it counts (ISO 8601). */
  expires?: string | undefined;
  /** When it was made (ISO 8601). */
  created?: string | undefined;
}

/** The file of keys. */
export const KeyFile: v.GenericSchema<{ keys: StreamKeyEntry[] }> = v.strictObject({
  keys: v.pipe(v.array(KeyEntry), v.maxLength(MAX_KEYS)),
});

/** What is kept of a key. */
export function hashOfKey(key: string): string {
  return hex(sha256(utf8(key)));
}

/** The hash of what a client says is its key; `undefined` where that cannot be one. */
export function hashOfSaid(said: string): string | undefined {
  return said === "" || said.length > MAX_KEY_LENGTH ? undefined : hashOfKey(said);
}

/** A key of {@link KEY_BYTES} random bytes. */
export function keyOf(random: Uint8Array): string {
  let [text, bits, held] = ["sk-", 0, 0];
  for (const byte of random) {
    held = held << 8 | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += LETTERS[held >>> bits - 5 & 31];
    held &= (1 << bits) - 1;
  }
  return text;
}
