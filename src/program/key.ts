/**
 * `sluice key`: makes, lists and revokes the secret keys of the plugin `stream_keys`.
 *
 * @module
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ExitCode } from "../config/mod.ts";
import { hex } from "../core/bytes/hex.ts";
import { checkOptions } from "../plugin/mod.ts";
import {
  hashOfKey,
  KEY_BYTES,
  KEY_ID_BYTES,
  KeyFile,
  keyOf,
  MAX_KEYS,
  type StreamKeyEntry,
} from "../plugin/key_file.ts";
import type { CommandResult } from "./command_result.ts";
import { timeToCome } from "./times.ts";

const FILE = "keys.json";

const HELP =
  `Keys of the plugin stream_keys: who publishes with a key has the public name it stands for.

  sluice key add NAME [options]    makes a key and prints it, this once: only its hash is kept
  sluice key list                  the keys, without what is secret
  sluice key revoke ID             removes a key; who publishes with it is ended

  NAME               public name of the stream
  --file FILE        the file of keys (${FILE})
  --app APP          the only application in which it counts
  --max-kbps N       what may be published with it, in kilobits a second
  --one-publisher    nobody may take the stream over while it is published
  --address RANGE    the only address, or range, that may use it; may be repeated
  --expires TIME     until when it counts: 30m, 12h, 90d, or a date such as 2027-01-31
`;

/** Does what `args` ask for. `now` in ms since 1970. */
export function manageKeys(args: readonly string[], now = Date.now()): CommandResult {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        file: { type: "string", default: FILE },
        app: { type: "string" },
        "max-kbps": { type: "string" },
        "one-publisher": { type: "boolean" },
        address: { type: "string", multiple: true },
        expires: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const [action, what, ...rest] = positionals;
    if (values.help) return { text: HELP, exitCode: ExitCode.Ok };
    const { file } = values;
    if (action === "list" && what === undefined) return ok(listing(read(file), now));
    if (what === undefined || rest.length > 0) return fail("expected add NAME, list or revoke ID");
    if (action === "add") {
      const keys = read(file);
      if (keys.length >= MAX_KEYS) return fail(`${file} has ${MAX_KEYS} keys, which is the most`);
      const key = keyOf(crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
      const kbps = values["max-kbps"];
      const entry = {
        id: hex(crypto.getRandomValues(new Uint8Array(KEY_ID_BYTES))),
        hash: hashOfKey(key),
        name: what,
        ...(values.app === undefined ? {} : { app: values.app }),
        ...(kbps === undefined ? {} : { maxKbps: Number(kbps) }),
        ...(values["one-publisher"] ? { onePublisher: true } : {}),
        ...(values.address === undefined ? {} : { addresses: values.address }),
        ...(values.expires === undefined
          ? {}
          : { expires: new Date(timeToCome(values.expires, now)).toISOString() }),
        created: new Date(now).toISOString(),
      };
      write(file, [...keys, ...checkOptions(KeyFile, { keys: [entry] }, "key add").keys]);
      return ok(`${key}\n`);
    }
    if (action === "revoke") {
      const keys = read(file);
      const left = keys.filter(({ id }) => id !== what);
      if (left.length === keys.length) return fail(`${file} has no key ${what}`);
      write(file, left);
      return ok(`Revoked ${what}.\n`);
    }
    return fail("expected add NAME, list or revoke ID");
  } catch (error) {
    const { name, message } = error as Error;
    if (name === "NotCapable") return fail("Deno needs --allow-read and --allow-write here");
    return fail(message);
  }
}

function listing(keys: readonly StreamKeyEntry[], now: number): string {
  if (keys.length === 0) return "There are no keys.\n";
  return keys.map(({ id, app, name, maxKbps, onePublisher, addresses, expires, created }) =>
    [
      `${id}  ${app === undefined ? "" : `${app}/`}${name}`,
      created && `made ${created}`,
      expires && `${Date.parse(expires) <= now ? "expired" : "expires"} ${expires}`,
      maxKbps && `at most ${maxKbps} kbit/s`,
      onePublisher && "one publisher",
      addresses && `from ${addresses.join(" ")}`,
    ].filter(Boolean).join(", ") + "\n"
  ).join("");
}

function read(file: string): StreamKeyEntry[] {
  if (!existsSync(file)) return [];
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new Error(`${file}: this is no JSON`);
    throw error;
  }
  return checkOptions(KeyFile, content, file).keys;
}

/** In one step: a server that reads it meanwhile finds the old keys or the new ones. */
function write(file: string, keys: readonly StreamKeyEntry[]): void {
  const fresh = `${file}.new`;
  writeFileSync(fresh, JSON.stringify({ keys }, undefined, 2) + "\n", { mode: 0o600 });
  renameSync(fresh, file);
}

function ok(text: string): CommandResult {
  return { text, exitCode: ExitCode.Ok };
}

function fail(problem: string): CommandResult {
  return { text: `sluice key: ${problem}\nSee sluice key --help.\n`, exitCode: ExitCode.Config };
}
