/**
 * Small files of the system.
 *
 * @module
 */
import { readFileSync } from "node:fs";

/** The text of a file; `undefined` when it is not there or may not be read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
