import assert from "node:assert/strict";
import { test } from "node:test";
import { readFlvRequest } from "../../../src/service/flv/request.ts";
import { MediaOrigins } from "../../../src/service/media_origins.ts";
import { FlvRig } from "../../support/flv_rig.ts";
import { publishGop } from "../../support/rtmp_service.ts";

const at = (path: string, init: RequestInit = {}, base = "http://127.0.0.1:8080") =>
  new Request(base + path, init);

test("the path names an application, which may have slashes, and a stream", () => {
  assert.deepEqual(readFlvRequest(at("/live/demo.flv"))!.path, { app: "live", name: "demo" });
  assert.deepEqual(readFlvRequest(at("/a/b/demo.flv"))!.path, { app: "a/b", name: "demo" });
  assert.deepEqual(readFlvRequest(at("/demo.flv"))!.path, { app: "", name: "demo" });
  assert.equal(readFlvRequest(at("/live/demo.flv?token=a+b"))!.query.get("token"), "a+b");
  assert.equal(readFlvRequest(at("/live/demo")), undefined);
  assert.equal(readFlvRequest(at("/streams")), undefined);
});

test("paths of the control API and of plugins are theirs, whatever they end in", () => {
  for (
    const path of ["/streams/live/demo.flv", "/plugins/p/clip.flv", "/recordings/live/demo.flv"]
  ) {
    assert.equal(readFlvRequest(at(path)), undefined, path);
  }
  assert.deepEqual(readFlvRequest(at("/streams.flv"))!.path, { app: "", name: "streams" });
});

test("what is no name of a stream is answered as such", async () => {
  const rig = new FlvRig();
  for (const path of ["/live/.flv", "/.flv", "/live/%00.flv", "/live/a%5cb.flv"]) {
    assert.deepEqual((await rig.ask(path).refused()).status, 400, path);
  }
});

test("pages that may not play are refused, and those that may are told so", async () => {
  const headers = { Origin: "http://a.example" };
  const closed = new FlvRig({ origins: new MediaOrigins(["http://b.example"], "127.0.0.1") });
  publishGop(closed.publisher(), 0, 1);
  assert.equal((await closed.ask("/live/test.flv", { headers }).refused()).status, 403);
  assert.equal(closed.flv.sessions.size, 0, "nobody was asked about it");
  const open = new FlvRig();
  publishGop(open.publisher(), 0, 1);
  await open.ask("/live/test.flv", { headers }).opened();
});

test("HEAD asks whether a stream is live, OPTIONS may be asked, and nothing else", async () => {
  const rig = new FlvRig();
  const status = async (method: string) =>
    (await rig.ask("/live/test.flv", { method }).response()).status;
  assert.equal(await status("HEAD"), 404);
  publishGop(rig.publisher(), 0, 1);
  assert.equal(await status("HEAD"), 200);
  assert.equal(await status("OPTIONS"), 204);
  assert.equal(await status("POST"), 405);
  assert.deepEqual([rig.flv.sessions.size, rig.admission.size], [0, 0]);
});

test("HEAD says the type of what GET would give, and to whom", async () => {
  const rig = new FlvRig();
  publishGop(rig.publisher(), 0, 1);
  const headers = { Origin: "http://pages.example" };
  const head = await rig.ask("/live/test.flv", { method: "HEAD", headers }).response();
  assert.equal(head.headers.get("Content-Type"), "video/x-flv");
  assert.equal(head.headers.get("Access-Control-Allow-Origin"), "*");
  assert.deepEqual(rig.takeTold(), ["disconnect client"]);
});
