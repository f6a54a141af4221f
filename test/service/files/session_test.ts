/** One who takes a file: from the question to the plugins to the end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Plugin, rename } from "../../../src/plugin/api.ts";
import type { MediaSource } from "../../../src/recordings/folder.ts";
import { settle } from "../../support/rtmp_service.ts";
import { BYTES, DEMO, FileRig } from "./file_rig.ts";

const REMOTE = { hostname: "192.0.2.7", port: 5000 };

/** A plugin whose answers come when the test says so. */
function slow(hook: "onConnect" | "onPlay") {
  const go: (() => void)[] = [];
  const plugin: Plugin = { name: "slow", [hook]: () => new Promise<void>((done) => go.push(done)) };
  return { go, plugin };
}

const requestOf = (path = DEMO, init: RequestInit = {}) =>
  new Request(`http://127.0.0.1:8080${path}`, init);

/** A request whose answer is still to come. */
function pending(rig: FileRig, path = DEMO, init: RequestInit = {}): Promise<Response> {
  return Promise.resolve(rig.files.handle(requestOf(path, init), REMOTE) as Promise<Response>);
}

test("whoever waits is described as that, and as a player once it is sent something", async () => {
  const { go, plugin } = slow("onPlay");
  const rig = new FileRig(plugin);
  const answer = pending(rig, DEMO, { headers: { "User-Agent": "VLC" } });
  await settle();
  const [session] = rig.files.sessions.values();
  assert.match(session!.id, /^[0-9a-f]{12}$/);
  const waiting = {
    ...{ protocol: "http", secure: false, address: "192.0.2.7:5000", app: "", state: "waiting" },
    ...{ client: "VLC", since: rig.clock.wall(), bytesIn: 0, bytesOut: 0 },
    ...{ publishing: [], playing: [] },
  };
  assert.deepEqual(session!.describe(), waiting);
  go[0]!();
  const reader = (await answer).body!.getReader();
  await reader.read();
  assert.deepEqual(session!.describe(), {
    ...waiting,
    ...{ app: "live", state: "playing", playing: ["demo"], bytesOut: 64 * 1024 },
  });
  await reader.cancel();
  rig.settled();
});

test("what is told of the end has its bytes and how long it took", async () => {
  const rig = new FileRig();
  const answer = await rig.ask(DEMO);
  rig.clock.advance(1500);
  await answer.arrayBuffer();
  const [stop, disconnect] = rig.ends;
  assert.deepEqual(
    [stop, disconnect].map((one) => [one!.reason, one!.durationMs]),
    [["client", 1500], ["client", 1500]],
  );
  assert.equal((stop as { bytes: number }).bytes, BYTES.length);
  const { bytesIn, bytesOut } = disconnect as { bytesIn: number; bytesOut: number };
  assert.deepEqual([bytesIn, bytesOut], [0, BYTES.length]);
});

test("who has gone, or is sent away, while plugins decide gets nothing and leaves nothing open", async () => {
  for (const hook of ["onConnect", "onPlay"] as const) {
    const { go, plugin } = slow(hook);
    const rig = new FileRig(plugin);
    const answer = pending(rig);
    await settle();
    rig.files.stop();
    assert.equal(rig.files.sessions.size, 0);
    go[0]!();
    assert.equal((await answer).status, 503);
    rig.settled();
    const { status } = await rig.ask(DEMO);
    assert.equal(status, 503, "and nobody comes any more");
    assert.deepEqual(rig.takeTold(), hook === "onPlay" ? ["disconnect shutdown"] : []);
  }
});

test("who goes while the file is opened has it closed", async () => {
  const rig = new FileRig();
  const { open } = rig.folder;
  const go: (() => void)[] = [];
  rig.folder.open = async (path) => {
    await new Promise<void>((done) => go.push(done));
    return await open.call(rig.folder, path);
  };
  const answer = pending(rig);
  go[0]!();
  await settle();
  [...rig.files.sessions.values()][0]!.end("kicked");
  go[1]!();
  assert.equal((await answer).status, 503);
  rig.settled();
});

test("so many requests wait for their answers, and the others are turned away", async () => {
  const { go, plugin } = slow("onPlay");
  const rig = new FileRig(plugin);
  const answers = [pending(rig), pending(rig), pending(rig)];
  await settle();
  assert.equal((await rig.ask(DEMO)).status, 503);
  for (const done of go) done();
  for (const answer of answers) assert.equal((await answer).status, 200);
  const { body } = await (async () => {
    const fourth = pending(rig);
    await settle();
    go[3]!();
    return await fourth;
  })();
  await body!.cancel();
});

test("an address with as many connections as it may have is turned away", async () => {
  const rig = new FileRig();
  for (let count = 0; count < rig.settings.maxConnectionsPerAddress; count++) {
    const guest = { address: "", startedAt: 0, progress: 0 as const, evict() {} };
    rig.admission.enter(guest, rig.admission.groupOf(REMOTE));
  }
  assert.equal((await rig.ask(DEMO)).status, 503);
});

test("where plugins lead to has to be a public name, and to be there", async () => {
  const led = new FileRig({ name: "lead", onPlay: () => rename("nowhere") });
  assert.equal((await led.ask(DEMO)).status, 404);
  led.settled();
  const secret = new FileRig();
  assert.equal((await secret.ask("/live/-$ecret/recordings/1.mp4")).status, 400);
  secret.settled();
  const rig = new FileRig();
  assert.equal((await rig.ask("/li%20ve/demo/recordings/1.mp4")).status, 400);
});

test("other methods are told which there are, and pages elsewhere may ask", async () => {
  const rig = new FileRig();
  const origin = { Origin: "https://page.test" };
  const preflight = await rig.ask(DEMO, origin, { method: "OPTIONS" });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get("Access-Control-Allow-Origin"), "*");
  assert.equal((await rig.ask(DEMO, origin, { method: "PUT" })).status, 405);
  assert.equal((await rig.ask(DEMO, origin, { method: "HEAD" })).status, 200);
  rig.settled();
});

test("a file that is cut while it is sent ends the answer, and one that makes room is told so", async () => {
  const rig = new FileRig();
  const source = {
    ...{ path: "live/demo/1.mp4", size: 100, modified: 0, version: "1" },
    read: () => Promise.resolve(50),
    close: () => Promise.resolve(),
  } as unknown as MediaSource;
  const { open } = rig.folder;
  rig.folder.open = () => Promise.resolve(source);
  await assert.rejects((await rig.ask(DEMO)).arrayBuffer());
  assert.deepEqual(rig.takeTold(), ["stop demo internal", "disconnect internal"]);
  rig.folder.open = open;
  const reader = (await rig.ask(DEMO)).body!.getReader();
  await reader.read();
  [...rig.files.sessions.values()][0]!.evict();
  await assert.rejects(reader.read(), /timeout/);
  assert.deepEqual(rig.takeTold(), ["stop demo timeout", "disconnect timeout"]);
  assert.equal(rig.files.sessions.size, 0);
});

test("a file changed since then is sent anew, and one that was not is not", async () => {
  const rig = new FileRig();
  const at = Date.UTC(2024, 0, 1, 0, 0, 1);
  const { open } = rig.folder;
  rig.folder.open = async (path) => {
    const source = await open.call(rig.folder, path);
    return source && Object.assign(source, { modified: at + 700 });
  };
  const status = async (headers: Record<string, string>) =>
    (await rig.ask(DEMO, headers, { method: "HEAD" })).status;
  const date = (ms: number) => new Date(ms).toUTCString();
  assert.equal(await status({ "If-Modified-Since": date(at) }), 304, "in whole seconds");
  assert.equal(await status({ "If-Modified-Since": date(at - 1000) }), 200);
  assert.equal(await status({ "If-Modified-Since": date(at), "If-None-Match": '"x"' }), 200);
  const range = { Range: "bytes=0-4" };
  assert.equal(await status({ ...range, "If-Range": date(at) }), 206);
  assert.equal(await status({ ...range, "If-Range": date(at - 1000) }), 200);
  rig.settled();
});

test("a disk that fails is no fault of the client, and told of as ours", async () => {
  const rig = new FileRig();
  const open = rig.folder.open.bind(rig.folder);
  let opens = 0;
  // It is there, as is known ahead of asking whether it may be taken.
  rig.folder.open = (path) => ++opens === 1 ? open(path) : Promise.reject(new Error("EIO"));
  const answer = await rig.ask(DEMO);
  assert.equal(answer.status, 500);
  assert.deepEqual(rig.takeTold(), ["disconnect internal"]);
  assert.deepEqual(rig.counted.list().map(({ count }) => count), [1]);
  rig.settled();
});
