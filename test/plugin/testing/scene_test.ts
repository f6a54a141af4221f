/** The server that a plugin under test sees. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FrameFeed } from "../../../src/plugin/mod.ts";
import { Scene } from "../../../src/plugin/testing/scene.ts";

/** A scene with a stream and a session. */
function setUp() {
  const scene = new Scene();
  const counts = { uptimeMs: 0, players: 0, bytesIn: 0, bytesOut: 0 };
  scene.live.set("live/cam", { app: "live", name: "cam", publisher: null, ...counts });
  scene.connected.set("s1", {
    ...{ id: "s1", protocol: "rtmp", address: "192.0.2.1:1", app: "live", state: "connected" },
    ...{ client: "test", since: "", bytesIn: 0, bytesOut: 0, publishing: [], playing: [] },
  });
  return scene;
}

test("what a plugin does is noted, and answered by whether there was such a thing", () => {
  const scene = setUp();
  assert.deepEqual([scene.endStream("live", "cam"), scene.endStream("live", "no")], [true, false]);
  assert.deepEqual([scene.endSession("s1", "why"), scene.endSession("s2")], [true, false]);
  assert.equal(scene.sendData("live", "cam", "onCue", 1, "a"), true);
  assert.equal(scene.sendData("no", "cam", "onCue"), false);
  assert.deepEqual([scene.push("live", "cam", "rtmp://h/a/b"), scene.push("live", "cam", "x")], [
    "r1",
    "r2",
  ]);
  assert.equal(scene.endRelay("r1"), true);
  assert.deepEqual(scene.relays(), []);
  assert.deepEqual(scene.acts, [
    { what: "endStream", app: "live", name: "cam" },
    { what: "endStream", app: "live", name: "no" },
    { what: "endSession", id: "s1", why: "why" },
    { what: "endSession", id: "s2", why: undefined },
    { what: "sendData", app: "live", name: "cam", handler: "onCue", values: [1, "a"] },
    { what: "sendData", app: "no", name: "cam", handler: "onCue", values: [] },
    { what: "push", app: "live", name: "cam", to: "rtmp://h/a/b" },
    { what: "push", app: "live", name: "cam", to: "x" },
    { what: "endRelay", id: "r1" },
  ]);
});

test("recordings are read from anywhere, and gone once they are removed", async () => {
  const scene = setUp();
  scene.files.set("a.flv", Uint8Array.of(1, 2, 3, 4, 5));
  const file = (await scene.openRecording("a.flv"))!;
  const target = new Uint8Array(3);
  assert.equal(file.size, 5);
  assert.deepEqual([await file.read(target, 1), [...target]], [3, [2, 3, 4]]);
  assert.deepEqual([await file.read(target, 4), [...target]], [1, [5, 3, 4]]);
  assert.equal(await file.read(target, 5), 0);
  await file.close();
  assert.equal(await scene.openRecording("b.flv"), undefined);
  assert.deepEqual([await scene.removeRecording("a.flv"), await scene.removeRecording("b.flv")], [
    true,
    false,
  ]);
  assert.equal(await scene.openRecording("a.flv"), undefined);
  assert.deepEqual(scene.acts, [
    { what: "removeRecording", file: "a.flv" },
    { what: "removeRecording", file: "b.flv" },
  ]);
});

/** All that a feed has to the end of its stream. */
async function read(feed: FrameFeed): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const { kind, timestamp, payload, isKey, isHeader } of feed) {
    seen.push([kind, timestamp, payload[0], isKey, isHeader]);
  }
  return seen;
}

test("frames go to all feeds of their stream, as they are said to be, until it is over", async () => {
  const scene = setUp();
  assert.equal(scene.frames("live", "other"), undefined);
  const [one, two] = [scene.frames("live", "cam")!, scene.frames("live", "cam")!];
  const closed = scene.frames("live", "cam")!;
  const payload = (byte: number) => Uint8Array.of(byte);
  scene.frame("live", "cam", { kind: "data", payload: payload(1), isHeader: true });
  scene.frame("live", "cam", { kind: "video", payload: payload(2), timestamp: 40, isKey: true });
  closed.close();
  scene.frame("live", "cam", { kind: "audio", payload: payload(3), timestamp: 41 });
  scene.frame("live", "other", { kind: "audio", payload: payload(4) });
  scene.over("live", "other");
  scene.over("live", "cam");
  assert.equal(scene.stream("live", "cam"), undefined);
  const all = [
    ["data", 0, 1, false, true],
    ["video", 40, 2, true, false],
    ["audio", 41, 3, false, false],
  ];
  assert.deepEqual([await read(one), await read(two), await read(closed)], [all, all, []]);
  assert.equal(scene.frames("live", "cam"), undefined);
  scene.frame("live", "cam", { kind: "audio", payload: payload(5) });
});

test("a feed keeps as much as it is told to", () => {
  const scene = setUp();
  const [small, large] = [scene.frames("live", "cam", 1000)!, scene.frames("live", "cam")!];
  const payload = new Uint8Array(600);
  for (let count = 0; count < 2; count++) {
    scene.frame("live", "cam", { kind: "video", payload, isKey: true });
  }
  assert.deepEqual([small.dropped, large.dropped], [1, 0]);
});
