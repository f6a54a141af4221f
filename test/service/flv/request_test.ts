import assert from "node:assert/strict";
import { test } from "node:test";
import { crossOrigin, readFlvRequest } from "../../../src/service/flv/request.ts";
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
  for (const path of ["/streams/live/demo.flv", "/plugins/p/clip.flv", "/sessions/x.flv"]) {
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

test("pages of other sites may watch where others are served, and only there", () => {
  const from = (origin: string | undefined, base?: string) =>
    at("/live/demo.flv", { headers: origin === undefined ? {} : { Origin: origin } }, base);
  assert.equal(crossOrigin(from("http://a.example"), true)?.["Access-Control-Allow-Origin"], "*");
  assert.equal(crossOrigin(from("http://a.example"), false), undefined);
  assert.equal(crossOrigin(from("null"), false), undefined);
  // A name of somebody's own that points here.
  assert.equal(crossOrigin(from(undefined, "http://rebound.example:8080"), false), undefined);
  for (const origin of ["http://localhost:3000", "http://127.0.0.1", "http://[::1]:1"]) {
    assert.equal(crossOrigin(from(origin), false)?.["Access-Control-Allow-Origin"], origin);
  }
  assert.ok(crossOrigin(from(undefined, "http://localhost:8080"), false) !== undefined);
});

test("a plugin that decides who may play opens the server's streams to other pages", async () => {
  const headers = { Origin: "http://a.example" };
  const closed = new FlvRig();
  publishGop(closed.publisher(), 0, 1);
  assert.equal((await closed.ask("/live/test.flv", { headers }).refused()).status, 403);
  for (const rig of [new FlvRig({}, { name: "p", onPlay() {} }), new FlvRig({ host: "0.0.0.0" })]) {
    publishGop(rig.publisher(), 0, 1);
    await rig.ask("/live/test.flv", { headers }).opened();
  }
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
  const headers = { Origin: "http://localhost:3000" };
  const head = await rig.ask("/live/test.flv", { method: "HEAD", headers }).response();
  assert.equal(head.headers.get("Content-Type"), "video/x-flv");
  assert.equal(head.headers.get("Access-Control-Allow-Origin"), "http://localhost:3000");
  assert.deepEqual(rig.takeTold(), ["disconnect client"]);
});
