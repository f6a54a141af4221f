import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type PluginServer, refuse, rename } from "../../src/plugin/mod.ts";
import { hashOfKey, KEY_BYTES, keyOf, type StreamKeyEntry } from "../../src/plugin/key_file.ts";
import { streamKeys } from "../../plugins/stream_keys.ts";
import * as contexts from "../support/plugin_contexts.ts";
import { until } from "../support/deadline.ts";

const KEY = keyOf(new Uint8Array(KEY_BYTES).fill(7));
const ENTRY: StreamKeyEntry = { id: "one", hash: hashOfKey(KEY), name: "studio" };

/** What is answered to a publish with a key of `entry`. */
function asked(entry: Partial<StreamKeyEntry>, context: object = {}, now = 0) {
  const plugin = streamKeys({ keys: [{ ...ENTRY, ...entry }], now: () => now });
  const query = new URLSearchParams();
  return plugin.onPublish!({ ...contexts.publish, name: KEY, query, ...context });
}

/** A server that is asked for one stream, and notes what is ended. */
function serverOf(stream: () => Partial<ReturnType<PluginServer["stream"]>>) {
  const ended: (string | undefined)[][] = [];
  const server = {
    stream,
    endSession: (...call: (string | undefined)[]) => ended.push(call) > 0,
  } as unknown as PluginServer;
  return { server, ended };
}

test("a key is 160 bits in letters and digits, and what is kept is its SHA-256", () => {
  assert.equal(keyOf(new Uint8Array(20)), "sk-" + "a".repeat(32));
  // `python3 -c 'import base64; print(base64.b32encode(bytes(range(20))).decode().lower())'`
  assert.equal(
    keyOf(Uint8Array.from({ length: 20 }, (_, i) => i)),
    "sk-aaaqeayeaudaocajbifqydiob4ibceqt",
  );
  // `printf sk-a | sha256sum`
  assert.equal(
    hashOfKey("sk-a"),
    "a4a6d307ad00fa67176e1099fdbc4f4a09bb527a7f24718a5030f2f173d11f7f",
  );
});

test("the right key is renamed, any other one refused alike", () => {
  assert.deepEqual(asked({}), rename("studio"));
  for (
    const name of ["", "studio", KEY.slice(0, -1), KEY + "x", KEY.toUpperCase(), "x".repeat(9000)]
  ) {
    assert.deepEqual(asked({}, { name }), refuse("Unknown stream key"), name);
  }
  assert.deepEqual(asked({ app: "vip" }), refuse("Unknown stream key"));
  assert.deepEqual(asked({ app: "live" }), rename("studio"));
});

test("the key may stand in the query, for the stream that it is for", () => {
  const query = new URLSearchParams({ key: KEY });
  assert.deepEqual(asked({}, { name: "studio", query }), rename("studio"));
  assert.deepEqual(asked({}, { name: "other", query }), refuse("The key is for another stream"));
  const wrong = new URLSearchParams({ key: "x" });
  assert.deepEqual(asked({}, { query: wrong }), refuse("Unknown stream key"));
});

test("a key counts from some addresses and until some time", () => {
  const none = refuse("The stream key may not be used from this address");
  assert.deepEqual(asked({ addresses: ["192.0.2.0/29"] }), rename("studio"));
  assert.deepEqual(asked({ addresses: ["192.0.2.0/30", "::/0"] }), none);
  const expires = "2027-01-01T00:00:00Z";
  const at = Date.parse(expires);
  assert.deepEqual(asked({ expires }, {}, at - 1), rename("studio"));
  assert.deepEqual(asked({ expires }, {}, at), refuse("The stream key has expired"));
});

test("with one publisher nobody else takes the stream over, the same session may go on", () => {
  const plugin = streamKeys({ keys: [{ ...ENTRY, onePublisher: true }] });
  let publisher: { sessionId: string } | null = null;
  const { server } = serverOf(() => ({ publisher: publisher as never }));
  plugin.start!(server);
  try {
    const query = new URLSearchParams();
    const publish = () => plugin.onPublish!({ ...contexts.publish, name: KEY, query });
    assert.deepEqual(publish(), rename("studio"));
    publisher = { sessionId: "other" };
    assert.deepEqual(publish(), refuse("The stream key is in use"));
    publisher = { sessionId: contexts.publish.sessionId };
    assert.deepEqual(publish(), rename("studio"));
  } finally {
    plugin.stop!();
  }
});

test("a change of the file is seen, a bad one changes nothing, and who has a key no more is ended", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-"));
  const file = join(folder, "keys.json");
  const write = (keys: unknown[]) => writeFileSync(file, JSON.stringify({ keys }));
  write([ENTRY]);
  const lines: string[] = [];
  let now = 0;
  const plugin = streamKeys({ file, log: (line) => lines.push(line), now: () => now });
  const { server, ended } = serverOf(() => undefined);
  plugin.start!(server);
  try {
    const query = new URLSearchParams();
    const context = { ...contexts.publish, name: KEY, query };
    assert.deepEqual(plugin.onPublish!(context), rename("studio"));
    writeFileSync(file, "{ keys");
    await until(() => Promise.resolve(lines.length === 1), "the bad file is noticed");
    assert.equal(lines[0], `stream_keys: the keys stay as they were: ${file}: this is no JSON`);
    assert.deepEqual(plugin.onPublish!(context), rename("studio"));
    const other = keyOf(new Uint8Array(KEY_BYTES).fill(8));
    write([{ ...ENTRY, expires: "1970-01-02" }, {
      ...ENTRY,
      id: "two",
      hash: hashOfKey(other),
      name: "b",
    }]);
    await until(() => Promise.resolve(lines.length === 2), "the change is noticed");
    assert.deepEqual(plugin.onPublish!({ ...context, name: other, sessionId: "s2" }), rename("b"));
    assert.deepEqual(ended, []);
    now = 86_400_000;
    // In time for the one that publishes now.
    await until(() => Promise.resolve(ended.length === 1), "the end of the key's time");
    assert.deepEqual(ended, [["s1", "stream_keys: the key has expired"]]);
    plugin.onDisconnect!({ ...contexts.disconnect, sessionId: "s1" });
    write([]);
    await until(() => Promise.resolve(ended.length === 2), "the end of the key");
    assert.deepEqual(ended[1], ["s2", "stream_keys: the key was revoked"]);
  } finally {
    plugin.stop!();
    rmSync(folder, { recursive: true });
  }
});

test("a file of keys that became none, or is huge, holds nothing up and changes nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-"));
  const file = join(folder, "keys.json");
  writeFileSync(file, JSON.stringify({ keys: [ENTRY] }));
  const lines: string[] = [];
  const plugin = streamKeys({ file, log: (line) => lines.push(line) });
  plugin.start!(serverOf(() => undefined).server);
  const query = new URLSearchParams();
  const publish = () => plugin.onPublish!({ ...contexts.publish, name: KEY, query });
  try {
    rmSync(file);
    mkdirSync(file);
    await until(() => Promise.resolve(lines.length === 1), "what is no file is noticed");
    assert.match(lines[0]!, /the keys stay as they were: .*: it is no file$/);
    assert.deepEqual(publish(), rename("studio"));
    rmSync(file, { recursive: true });
    writeFileSync(file, "");
    truncateSync(file, 33 * 1024 * 1024);
    await until(() => Promise.resolve(lines.length === 2), "that it is huge is noticed");
    assert.match(lines[1]!, /: it is too large$/);
    assert.deepEqual(publish(), rename("studio"));
    truncateSync(file, 0);
    writeFileSync(file, '{ "keys": [] }');
    await until(() => Promise.resolve(lines.at(-1)!.endsWith(": 0 keys")), "the change is noticed");
    assert.deepEqual(publish(), refuse("Unknown stream key"));
  } finally {
    plugin.stop!();
    rmSync(folder, { recursive: true });
  }
});

test("who sends more than the key may is ended, once", async () => {
  let bytesIn = 0;
  let now = 0;
  const plugin = streamKeys({
    keys: [{ ...ENTRY, maxKbps: 1000 }],
    now: () => now,
    windowMs: 2000,
  });
  const { server, ended } = serverOf(() => {
    // At each look a second later, with a bit more than a megabit.
    now += 1000;
    return { bytesIn: bytesIn += 125_100, publisher: { sessionId: "s1" } as never };
  });
  plugin.start!(server);
  try {
    plugin.onPublish!({ ...contexts.publish, name: KEY, query: new URLSearchParams() });
    await until(() => Promise.resolve(ended.length > 0), "the end of the publisher", 10_000);
    assert.deepEqual(ended, [["s1", "stream_keys: more bits a second than the key may send"]]);
  } finally {
    plugin.stop!();
  }
});

test("mistakes in the options stop the load", () => {
  assert.throws(() => streamKeys({}), /without a file and without keys nobody could publish/);
  const bad = (entry: object) => () => streamKeys({ keys: [{ ...ENTRY, ...entry }] });
  assert.throws(bad({ hash: "x" }), {
    message: "stream_keys: keys.0.hash: expected 64 hexadecimal digits: see `sluice key add`",
  });
  assert.throws(bad({ name: "a/b" }), /keys\.0\.name: expected a stream name/);
  assert.throws(bad({ addresses: ["10.0.0.0/33"] }), /keys\.0\.addresses\.0: expected an address/);
  assert.throws(bad({ expires: "soon" }), /keys\.0\.expires: expected a date/);
  assert.throws(bad({ key: KEY }), /keys\.0\.key: there is no such option/);
});

test("another version ends those whose keys it does not know, and those who sent too much or whose time is over", async () => {
  let now = 0;
  let bytesIn = 0;
  const expires = "1970-01-01T00:01:00Z";
  const other = keyOf(new Uint8Array(KEY_BYTES).fill(8));
  const keys = [ENTRY, {
    ...ENTRY,
    id: "two",
    hash: hashOfKey(other),
    name: "b",
    expires,
    maxKbps: 1,
  }];
  const surroundings = { now: () => now, windowMs: 1000 };
  const first = streamKeys({ keys, ...surroundings });
  const query = new URLSearchParams();
  first.onPublish!({ ...contexts.publish, name: KEY, query });
  first.onPublish!({ ...contexts.publish, sessionId: "s2", name: other, query });
  const left = first.handOver!();
  const publisher = { sessionId: "s2" } as never;
  const { server, ended } = serverOf(() => ({ publisher, bytesIn }));
  const next = streamKeys({ keys: keys.slice(1), ...surroundings });
  next.start!(server, left);
  try {
    assert.deepEqual(ended, [["s1", "stream_keys: the key was revoked"]]);
    await until(() => {
      now += 700;
      bytesIn += 1_000_000;
      return Promise.resolve(ended.length === 2);
    }, "an end");
    assert.deepEqual(ended[1], ["s2", "stream_keys: more bits a second than the key may send"]);
    now = 60_000;
    await until(() => Promise.resolve(ended.length === 3), "another end");
    assert.deepEqual(ended[2], ["s2", "stream_keys: the key has expired"]);
  } finally {
    next.stop!();
  }
});
