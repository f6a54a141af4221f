/** Files behind HTTP: which are found, which part of them is given, and who decides. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type PlayContext, refuse, rename } from "../../../src/plugin/api.ts";
import type { MediaSource } from "../../../src/recordings/folder.ts";
import type { BytesSource } from "../../support/media_source.ts";
import { BYTES, DEMO, FileRig, SIZE } from "./file_rig.ts";

async function bytesOf(answer: Response): Promise<Uint8Array> {
  return new Uint8Array(await answer.arrayBuffer());
}

test("a file is given whole, with what it is and how to know it again", async () => {
  const rig = new FileRig();
  const answer = await rig.ask(DEMO);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("Content-Type"), "video/mp4");
  assert.equal(answer.headers.get("Content-Length"), String(SIZE));
  assert.equal(answer.headers.get("Accept-Ranges"), "bytes");
  assert.equal(answer.headers.get("Last-Modified"), "Thu, 01 Jan 1970 00:00:00 GMT");
  assert.deepEqual(await bytesOf(answer), BYTES);
  const tag = answer.headers.get("ETag")!;
  assert.equal(tag, '"1"');
  for (const known of [tag, `W/${tag}`, `"x", ${tag}`, "*"]) {
    assert.equal((await rig.ask(DEMO, { "If-None-Match": known })).status, 304, known);
  }
  assert.equal((await rig.ask(DEMO, { "If-None-Match": '"x"' }, { method: "HEAD" })).status, 200);
  const since = { "If-Modified-Since": answer.headers.get("Last-Modified")! };
  assert.equal((await rig.ask(DEMO, since)).status, 304);
  const head = await rig.ask(DEMO, {}, { method: "HEAD" });
  assert.equal(head.headers.get("Content-Length"), String(SIZE));
  assert.equal(head.body, null);
  rig.settled();
});

test("ranges are given: from, from to, the last so many; what cannot be is refused or passed over", async () => {
  const rig = new FileRig();
  for (
    const [range, from, to] of [
      ["bytes=0-0", 0, 1],
      ["bytes=100-", 100, SIZE],
      ["bytes=70000-140000", 70_000, 140_001],
      ["bytes=-500", SIZE - 500, SIZE],
      ["bytes=-99999999", 0, SIZE],
      [`bytes=5-99999999`, 5, SIZE],
    ] as const
  ) {
    const answer = await rig.ask(DEMO, { Range: range });
    assert.equal(answer.status, 206, range);
    assert.equal(answer.headers.get("Content-Range"), `bytes ${from}-${to - 1}/${SIZE}`);
    assert.deepEqual(await bytesOf(answer), BYTES.slice(from, to), range);
  }
  for (const range of [`bytes=${SIZE}-`, "bytes=-0", "bytes=999999999-"]) {
    const answer = await rig.ask(DEMO, { Range: range });
    assert.equal(answer.status, 416, range);
    assert.equal(answer.headers.get("Content-Range"), `bytes */${SIZE}`);
  }
  for (const range of ["bytes=9-5", "bytes=1-2,5-6", "lines=1-2", "bytes=-", "bytes=a-b"]) {
    const answer = await rig.ask(DEMO, { Range: range }, { method: "HEAD" });
    assert.equal(answer.status, 200, range);
  }
  const same = await rig.ask(DEMO, { "Range": "bytes=0-4", "If-Range": '"1"' }, { method: "HEAD" });
  assert.equal(same.status, 206);
  const other = { "Range": "bytes=0-4", "If-Range": '"2"' };
  assert.equal((await rig.ask(DEMO, other, { method: "HEAD" })).status, 200);
  rig.settled();
});

test("the name of a stream leads to its own files and to no others", async () => {
  const rig = new FileRig();
  const beside = await rig.ask("/live/demo/recordings/demo.flv");
  assert.equal(beside.headers.get("Content-Type"), "video/x-flv");
  assert.equal((await bytesOf(beside)).length, 10);
  for (
    const file of [
      ...["2.mp4", "secret.txt", "..%2fother%2f1.mp4", "..%5cother%5c1.mp4", ".mp4"],
      ...["1.mp4%00", "CON.mp4", "1.mp4.", "1.mp4%20", "a:1.mp4", "%", ".1.mp4.part", "1.MP4"],
    ]
  ) {
    assert.equal((await rig.ask(`/live/demo/recordings/${file}`)).status, 404, file);
  }
  for (
    const path of ["/live/demo/1.mp4", "/recordings/live/demo", "/recordings/recordings/x.mp4"]
  ) {
    const request = new Request(`http://127.0.0.1${path}`);
    assert.equal(rig.files.handle(request, { hostname: "::1", port: 1 }), undefined, path);
  }
  assert.equal((await rig.ask(DEMO, {}, { method: "POST" })).status, 405);
  rig.settled();
});

test("plugins see the file and who asks, may refuse it, and may lead elsewhere", async () => {
  const seen: PlayContext[] = [];
  const rig = new FileRig({
    name: "guard",
    onPlay: (context) => {
      seen.push(context);
      if (context.query.get("key") === "other") return rename("other");
      return context.query.get("key") === "good" ? undefined : refuse("Not this one");
    },
  });
  const refused = await rig.ask(DEMO);
  assert.equal(refused.status, 403);
  assert.match(await refused.text(), /Not this one/);
  await bytesOf(await rig.ask(`${DEMO}?key=good`));
  assert.equal((await bytesOf(await rig.ask(`${DEMO}?key=other`))).length, 20);
  const [{ recorded, file, start, client, app, name }] = seen as [PlayContext];
  assert.deepEqual({ recorded, file, start, protocol: client.protocol, app, name }, {
    ...{ recorded: true, file: "live/demo/1.mp4", start: 0 },
    ...{ protocol: "http", app: "live", name: "demo" },
  });
  assert.deepEqual(rig.takeTold(), [
    ...["disconnect refused", "stop demo client", "disconnect client"],
    ...["stop other client", "disconnect client"],
  ]);
  rig.settled();
});

test("nothing is read that is not taken, and whoever leaves or is ended leaves nothing open", async () => {
  const rig = new FileRig();
  const answer = await rig.ask(DEMO);
  const source = rig.folder.opened.at(-1) as BytesSource;
  const reader = answer.body!.getReader();
  await reader.read();
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  assert.equal(source.bytesRead, 64 * 1024);
  assert.equal([...rig.files.sessions.values()][0]!.describe().state, "playing");
  await reader.cancel();
  rig.settled();
  const ended = (await rig.ask(DEMO)).body!.getReader();
  await ended.read();
  [...rig.files.sessions.values()][0]!.end("kicked");
  await assert.rejects(ended.read(), /kicked/);
  rig.settled();
  const gone = new AbortController();
  const left = (await rig.ask(DEMO, {}, { signal: gone.signal })).body!.getReader();
  gone.abort();
  await assert.rejects(left.read());
  rig.settled();
  assert.deepEqual(rig.takeTold().filter((text) => text.startsWith("stop")), [
    ...["stop demo disconnected", "stop demo kicked", "stop demo disconnected"],
  ]);
});

test("a disk that fails ends the answer and nobody else's", async () => {
  const rig = new FileRig();
  rig.folder.open = () => Promise.reject(new Error("EIO"));
  assert.equal((await rig.ask(DEMO)).status, 500);
  const source = {
    ...{ path: "live/demo/1.mp4", size: 10, modified: 0, version: "1" },
    read: () => Promise.reject(new Error("EIO")),
    close: () => Promise.resolve(),
  } as unknown as MediaSource;
  rig.folder.open = () => Promise.resolve(source);
  await assert.rejects((await rig.ask(DEMO)).arrayBuffer());
  assert.deepEqual(rig.counted.list().map(({ subsystem, count }) => [subsystem, count]), [[
    "record",
    2,
  ]]);
  rig.settled();
});
