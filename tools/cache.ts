/**
 * Where the tools keep what they had to fetch: never in the checkout.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/**
 * The folder of this user below the system's temporary folder; made when it is not there.
 *
 * @throws {Error} when somebody else owns it
 */
export function cacheFolder(): string {
  const { uid } = userInfo();
  const folder = join(tmpdir(), `sluice-tools-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // What is in there gets executed, and others can write to the temporary folder.
  const info = lstatSync(folder);
  if (!info.isDirectory() || (uid >= 0 && info.uid !== uid)) {
    throw new Error(`Cannot use ${folder}: it belongs to somebody else. Remove it, or set TMPDIR`);
  }
  return folder;
}

/** A short name for some content, so that another content gets another folder. */
export function fingerprint(...parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest("hex").slice(0, 16);
}
