/**
 * Mistakes in the configuration, for the tests of the exact lines that tell of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ConfigError, formatMistake } from "../../src/config/errors.ts";
import { loadConfig } from "../../src/config/load.ts";

/** What a server is told, and the lines that answer it. */
export interface Case {
  readonly argv?: string[];
  readonly env?: Record<string, string>;
  /** Content of `sluice.jsonc`, named by `--config`. */
  readonly file?: string;
  readonly lines: string[];
}

export const PORT = "expected a whole number from 0 to 65535";
export const MS = (from: number, to: number) =>
  `expected a whole number of milliseconds from ${from} to ${to}`;
export const BYTES = (from: number, to: number) =>
  `expected a whole number of bytes from ${from} to ${to}`;
export const HOST = "expected an IP address or a host name, without port or brackets";
export const TOKEN = "expected 16 to 1024 ASCII characters without spaces";
export const PATHS = "expected a list of at most 100 paths, none of them empty";
export const SWITCH = "expected true, false, 1 or 0";

/** What an application's latency is, and what stands for one in a flag. */
export const LATENCY = "lowest, auto, or a whole number of milliseconds from 0 to 1000";
export const APP = "APP.SETTING=VALUE with the setting one of latency";

/** Files that cannot be read, as the runtimes say it. */
const failures: Record<string, Error> = {
  "none.jsonc": Object.assign(new Error("ENOENT: …"), { code: "ENOENT" }),
  dir: Object.assign(new Error("EISDIR: …"), { code: "EISDIR" }),
  "root.jsonc": Object.assign(new Error("EACCES: …"), { code: "EACCES" }),
  broken: new Error("input/output error"),
};

/** Fails unless a server that is told this answers with those lines, and with no secret. */
export async function assertTold({ argv = [], env = {}, file, lines }: Case): Promise<void> {
  const loading = loadConfig({
    argv: file === undefined ? argv : ["--config", "sluice.jsonc", ...argv],
    env,
    readFile: (path) => {
      if (path === "sluice.jsonc") return file ?? "";
      throw failures[path];
    },
  });
  await assert.rejects(loading, (error) => {
    assert.ok(error instanceof ConfigError, String(error));
    assert.deepEqual(error.mistakes.map(formatMistake), lines);
    const secret = /hunter\d/;
    assert.doesNotMatch(error.message, secret);
    assert.doesNotMatch(JSON.stringify(error.mistakes), secret);
    return true;
  });
}
