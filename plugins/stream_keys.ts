/**
 * Lets in who publishes with a secret key, and gives the stream its public name. The key is the name that the
 * encoder publishes, `rtmp://HOST/live/KEY`, or `key` in its query. Keys are made, listed and revoked by
 * `sluice key`; a file of keys is read again when it changes, and who publishes with a key that is gone, or
 * has expired, is ended.
 *
 * Options in `SLUICE_PLUGIN_STREAM_KEYS`: `{ "file": "keys.json" }`, or `{ "keys": [...] }` as in such a file.
 *
 * @module
 */
import { readFileSync, type Stats, statSync } from "node:fs";
import { open } from "node:fs/promises";
import * as v from "valibot";
import {
  AddressSet,
  checkOptions,
  definePlugin,
  type PluginFactory,
  type PluginServer,
  type PublishContext,
  PublisherRates,
  readOptions,
  refuse,
  rename,
  SessionDeadlines,
} from "../src/plugin/api.ts";
import { hashOfSaid, KeyEntry, KeyFile, type StreamKeyEntry } from "../src/plugin/key_file.ts";
import { readKeysInTurns } from "../src/plugin/key_reading.ts";

/** How often the file is looked at, and rates are measured (ms). */
const LOOK_MS = 1000;
/** Largest file (bytes). */
const MAX_FILE_BYTES = 32 * 1024 * 1024;

const Options = v.strictObject({
  file: v.optional(v.pipe(v.string(), v.minLength(1))),
  keys: v.optional(v.array(KeyEntry), []),
});

/** What the plugin is made with. */
export interface StreamKeysOptions {
  /** Path of a file of keys. */
  readonly file?: string | undefined;
  /** Keys beside those of the file. */
  readonly keys?: StreamKeyEntry[] | undefined;
  /** Milliseconds since 1970, for tests. */
  readonly now?: () => number;
  /** Over how long a rate is taken (ms), for tests. */
  readonly windowMs?: number;
  /** Is told of changes of the file. */
  readonly log?: (line: string) => void;
}

/** A key that can be looked up. */
interface Known {
  readonly entry: StreamKeyEntry;
  readonly addresses: AddressSet | undefined;
  readonly expires: number;
}

/** Makes the plugin. @throws {Error} when there is a mistake in the options or in the file */
export function streamKeys(options: StreamKeysOptions) {
  const { now = Date.now, windowMs, log = console.log } = options;
  const { file, keys } = checkOptions(
    Options,
    { file: options.file, keys: options.keys },
    "stream_keys",
  );
  if (file === undefined && keys.length === 0) {
    throw new Error("stream_keys: without a file and without keys nobody could publish");
  }
  let known = new Map<string, Known>();
  /** What the file was like when it was read. */
  let seen = file === undefined ? "" : stampOf(file);
  let looking = false;
  /** What was wrong with it then. */
  let problem = "";
  /** By session, the hashes of the keys that it publishes with, and the applications. */
  const uses = new Map<string, Map<string, string>>();
  const deadlines = new SessionDeadlines("stream_keys", now);
  const rates = new PublisherRates(windowMs);
  let server: PluginServer | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;

  /** Reads the file again if it has changed. What cannot be read changes nothing. */
  async function look(): Promise<void> {
    if (file === undefined || looking) return;
    looking = true;
    // Ahead of reading it: a change in between is then seen the next time.
    const stamp = stampOf(file);
    if (stamp === seen) return void (looking = false);
    try {
      const found = index(keys);
      await readKeysInTurns(
        await textOf(file),
        file,
        (entry) => found.set(entry.hash, knownOf(entry)),
      );
      if (server === undefined) return;
      known = found;
      problem = "";
    } catch (error) {
      const { message } = error as Error;
      if (message !== problem) log(`stream_keys: the keys stay as they were: ${message}`);
      problem = message;
      return;
    } finally {
      // What cannot be used is not read again and again.
      seen = server === undefined ? "" : stamp;
      looking = false;
    }
    log(`stream_keys: ${file} has changed: ${known.size} keys`);
    judge();
  }

  /** Goes on with those who publish with keys that the version before had let in. */
  function takeUp(used: Map<string, Map<string, string>>): void {
    for (const [sessionId, hashes] of used) {
      uses.set(sessionId, new Map([...hashes, ...uses.get(sessionId) ?? []]));
      for (const [hash, app] of hashes) {
        const { name, maxKbps } = known.get(hash)?.entry ?? {};
        if (maxKbps !== undefined) rates.add({ sessionId, app, name: name! }, maxKbps);
      }
    }
    judge();
  }

  /** Ends those whose keys are gone. */
  function judge(): void {
    for (const [id, hashes] of [...uses]) {
      // It may have been given more time.
      deadlines.forget(id);
      for (const hash of hashes.keys()) {
        const key = known.get(hash);
        if (key === undefined) server?.endSession(id, "stream_keys: the key was revoked");
        else if (key.expires < Infinity) deadlines.set(id, key.expires, "the key has expired");
      }
    }
  }

  function tick(): void {
    void look();
    deadlines.sweep();
    if (server === undefined) return;
    for (const publish of rates.over(server, now())) {
      rates.remove(publish);
      server.endSession(publish.sessionId, "stream_keys: more bits a second than the key may send");
    }
  }

  known = index([...keys, ...file === undefined ? [] : readKeys(file)]);
  return definePlugin({
    name: "stream_keys",
    start(given, before) {
      server = given;
      const { ends, used } = (before ?? {}) as { ends?: unknown; used?: unknown };
      deadlines.start(given, ends);
      if (used instanceof Map) takeUp(used);
      timer = setInterval(tick, LOOK_MS);
    },
    handOver: () => ({ ends: deadlines.handOver(), used: new Map(uses) }),
    stop() {
      clearInterval(timer);
      deadlines.stop();
      uses.clear();
      rates.clear();
      server = undefined;
    },
    onPublish(context) {
      const { app, name, query, client, sessionId } = context;
      const said = query.get("key");
      const hash = hashOfSaid(said ?? name);
      const key = hash === undefined ? undefined : known.get(hash);
      if (key === undefined) return refuse("Unknown stream key");
      const { entry, addresses, expires } = key;
      if (entry.app !== undefined && entry.app !== app) return refuse("Unknown stream key");
      if (said !== null && name !== entry.name) return refuse("The key is for another stream");
      if (now() >= expires) return refuse("The stream key has expired");
      if (addresses?.has(client.address.hostname) === false) {
        return refuse("The stream key may not be used from this address");
      }
      const publisher = server?.stream(app, entry.name)?.publisher;
      if (entry.onePublisher && publisher && publisher.sessionId !== sessionId) {
        return refuse("The stream key is in use");
      }
      uses.set(sessionId, (uses.get(sessionId) ?? new Map()).set(hash!, app));
      if (expires < Infinity) deadlines.set(sessionId, expires, "the key has expired");
      if (entry.maxKbps !== undefined) {
        rates.add({ sessionId, app, name: entry.name }, entry.maxKbps);
      }
      return rename(entry.name);
    },
    onUnpublish: (context: PublishContext) => rates.remove(context),
    onDisconnect({ sessionId }) {
      uses.delete(sessionId);
      rates.forget(sessionId);
      deadlines.forget(sessionId);
    },
  });
}

/** Makes the plugin from the environment. */
const fromEnvironment: PluginFactory = (env) =>
  streamKeys(readOptions("stream_keys", Options, env));
export default fromEnvironment;

function index(entries: readonly StreamKeyEntry[]): Map<string, Known> {
  return new Map(entries.map((entry) => [entry.hash, knownOf(entry)]));
}

function knownOf(entry: StreamKeyEntry): Known {
  const addresses = entry.addresses && new AddressSet(entry.addresses);
  const expires = entry.expires === undefined ? Infinity : Date.parse(entry.expires);
  return { entry, addresses, expires };
}

/** What is different once a file has changed. */
function stampOf(path: string): string {
  const { mtimeMs, ctimeMs, size, ino } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
}

/** A pipe would keep whoever reads it waiting, and what is no file has no size that counts. */
function checkFile(stat: Stats): void {
  if (!stat.isFile()) throw new Error("it is no file");
  if (stat.size > MAX_FILE_BYTES) throw new Error("it is too large");
}

function unreadable(path: string, error: unknown): Error {
  const { code, message } = error as { code?: unknown; message: string };
  const why = code === "ENOENT" ? "there is none; `sluice key add` makes it" : message;
  return new Error(`The file of keys ${path} cannot be read: ${why}`);
}

/** What is in the file now: no more than its size, even if it grows. */
async function textOf(path: string): Promise<string> {
  try {
    checkFile(statSync(path));
    const handle = await open(path);
    try {
      const stat = await handle.stat();
      checkFile(stat);
      const bytes = new Uint8Array(stat.size);
      let at = 0;
      for (let count = 1; count > 0 && at < bytes.length; at += count) {
        count = (await handle.read(bytes, at, bytes.length - at, at)).bytesRead;
      }
      return new TextDecoder().decode(bytes.subarray(0, at));
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

function readKeys(path: string): StreamKeyEntry[] {
  let text: string;
  try {
    checkFile(statSync(path));
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw unreadable(path, error);
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Error(`${path}: this is no JSON`);
  }
  return checkOptions(KeyFile, content, path).keys;
}
