/** The server that a plugin under test sees. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { StreamInfo } from "../../../src/plugin/api.ts";
import { Scene } from "../../../src/plugin/testing/scene.ts";

function live(): Scene {
  const scene = new Scene();
  scene.live.set("live/a", { app: "live", name: "a" } as StreamInfo);
  return scene;
}

test("what a plugin does is noted in order, and answered by what there is", () => {
  const scene = live();
  assert.deepEqual([scene.endStream("live", "a"), scene.endStream("live", "b")], [true, false]);
  assert.equal(scene.endSession("s1", "why"), false);
  assert.equal(scene.sendData("live", "a", "onCue", 1, 2), true);
  assert.equal(scene.sendData("other", "a", "onCue"), false);
  const wish = { url: "rtmp://h/a/c" };
  assert.deepEqual([
    scene.push("live", "a", "rtmp://h/a/b"),
    scene.push("live", "a", wish),
  ], ["r1", "r2"]);
  assert.equal(scene.endRelay("r1"), true);
  assert.deepEqual(scene.relays(), []);
  assert.deepEqual(scene.acts, [
    { what: "endStream", app: "live", name: "a" },
    { what: "endStream", app: "live", name: "b" },
    { what: "endSession", id: "s1", why: "why" },
    { what: "sendData", app: "live", name: "a", handler: "onCue", values: [1, 2] },
    { what: "sendData", app: "other", name: "a", handler: "onCue", values: [] },
    { what: "push", app: "live", name: "a", to: "rtmp://h/a/b" },
    { what: "push", app: "live", name: "a", to: wish },
    { what: "endRelay", id: "r1" },
  ]);
});

test("recordings are read from anywhere up to their end, and removed once", async () => {
  const scene = new Scene();
  scene.files.set("a.flv", Uint8Array.of(1, 2, 3, 4, 5));
  const file = (await scene.openRecording("a.flv"))!;
  assert.equal(file.size, 5);
  const target = new Uint8Array(3);
  assert.equal(await file.read(target, 1), 3);
  assert.deepEqual([...target], [2, 3, 4]);
  assert.equal(await file.read(target, 3), 2);
  assert.deepEqual([...target], [4, 5, 4]);
  assert.equal(await file.read(target, 5), 0);
  await file.close();
  assert.equal(await scene.openRecording("b.flv"), undefined);
  assert.equal(await scene.removeRecording("a.flv"), true);
  assert.equal(await scene.removeRecording("a.flv"), false);
  assert.deepEqual(scene.acts.map(({ what }) => what), ["removeRecording", "removeRecording"]);
});

test("frames go to every feed of their stream, until it is over", async () => {
  const scene = live();
  assert.equal(scene.frames("live", "b"), undefined);
  const feeds = [scene.frames("live", "a")!, scene.frames("live", "a")!];
  const payload = Uint8Array.of(1, 2);
  scene.frame("live", "b", { kind: "audio", payload });
  scene.frame("live", "a", { kind: "audio", payload });
  scene.frame("live", "a", { kind: "video", payload, timestamp: 40, isKey: true });
  scene.frame("live", "a", { kind: "video", payload, timestamp: 50, isHeader: true });
  scene.frame("live", "a", { kind: "data", payload, timestamp: 60 });
  scene.over("live", "a");
  assert.equal(scene.stream("live", "a"), undefined);
  for (const feed of feeds) {
    const seen: unknown[] = [];
    for await (const { kind, timestamp, isKey, isHeader, payload } of feed) {
      seen.push([kind, timestamp, isKey, isHeader, [...payload].join()]);
    }
    assert.deepEqual(seen, [
      ["audio", 0, false, false, "1,2"],
      ["video", 40, true, false, "1,2"],
      ["video", 50, false, true, "1,2"],
      ["data", 60, false, false, "1,2"],
    ]);
  }
});
