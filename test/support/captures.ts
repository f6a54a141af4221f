/**
 * The captures of real clients in `test/vectors/rtmp/`; its README.md says how they came about.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";

const FOLDER = new URL("../vectors/rtmp/", import.meta.url);

/**
 * A part of a recorded connection: `c2s` is all that the client sent, `s2c` all that the server
 * did, `c0c1` the start of a client that got no answer.
 */
export type Part = "c2s" | "s2c" | "c0c1";

/** Names of all captures that have `part`, sorted. */
export function captureNames(part: Part): string[] {
  const ending = `.${part}.bin`;
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();
}

/** The bytes of one part of a capture. */
export function capture(name: string, part: Part): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`${name}.${part}.bin`, FOLDER)));
}

/** The README.md of the captures. */
export function captureReadme(): string {
  return readFileSync(new URL("README.md", FOLDER), "utf8");
}
