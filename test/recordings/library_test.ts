/** Files that are found by the names of streams, and opened once for all who play them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MediaTarget } from "../../src/recordings/folder.ts";
import { FlvFile } from "../../src/recordings/flv_file.ts";
import { type OpenRecording, RecordingLibrary } from "../../src/recordings/library.ts";
import { flv, HEADERS, media, MemoryFolder } from "../support/flv_files.ts";
import { BytesSource } from "../support/media_source.ts";

const FILES = {
  "live/demo.flv": flv(...HEADERS, ...media(2)),
  "live/demo/1.flv": flv(...HEADERS, ...media(1)),
  "live/more/1.flv": flv(...HEADERS, ...media(1)),
  "live/more/2.flv": flv(...HEADERS, ...media(1)),
  "live/more/3.mp3": new Uint8Array(9),
};

function setUp() {
  const folder = new MemoryFolder(FILES);
  return { folder, library: new RecordingLibrary(folder, (error) => assert.fail(String(error))) };
}

test("a name is its own file, else the newest of its folder, else nothing", async () => {
  const { library } = setUp();
  const find = (name: string) => library.find({ app: "live", name });
  assert.equal(await find("demo"), "live/demo.flv");
  assert.equal(await find("more"), "live/more/2.flv");
  assert.equal(await library.find({ app: "live/more", name: "1" }), "live/more/1.flv");
  for (const name of ["none", "..", "a/../../b", "con", ""]) {
    assert.equal(await find(name), undefined);
  }
  assert.equal(await library.open({ app: "live", name: "none" }), "missing");
});

test("a container that is asked for comes first, and any other where there is none", async () => {
  const bytes = new Uint8Array(9);
  const folder = new MemoryFolder({
    "a.flv": bytes,
    "a.mp4": bytes,
    "b.m4v": bytes,
    "c.flv": bytes,
    "d/1.flv": bytes,
    "d/2.mp4": bytes,
    "d/3.flv": bytes,
    "d/4.mp4": bytes,
  });
  const library = new RecordingLibrary(folder, (error) => assert.fail(String(error)));
  const find = (name: string, container?: "flv" | "mp4") =>
    library.find({ app: "", name, container });
  assert.equal(await find("a"), "a.flv");
  assert.equal(await find("a", "mp4"), "a.mp4");
  assert.equal(await find("b", "flv"), "b.m4v");
  assert.equal(await find("c", "mp4"), "c.flv");
  assert.equal(await find("d"), "d/4.mp4");
  assert.equal(await find("d", "flv"), "d/3.flv");
  assert.equal(await find("d", "mp4"), "d/4.mp4");
  assert.equal(await library.open({ app: "", name: "a", container: "mp4" }), "damaged");
});

test("a file that some play is open once, and closed with the last of them, whoever else comes and goes", async () => {
  // Whenever the last one leaves while another one comes.
  for (let turns = 0; turns < 16; turns++) {
    const { folder, library } = setUp();
    const name = { app: "live", name: "demo" };
    const first = await library.open(name);
    assert.ok(typeof first !== "string");
    const coming = library.open(name);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    first.close();
    first.close();
    const second = await coming;
    assert.ok(typeof second !== "string");
    const source = sourceOf(second);
    const isClosed = () => folder.opened.find((one) => one === source)!.closed;
    await settled();
    assert.ok(!isClosed(), `${turns} turns`);
    assert.equal(library.size, 1);
    const third = await library.open(name);
    assert.ok(typeof third !== "string");
    assert.equal(third.file, second.file);
    third.close();
    second.close();
    await settled();
    assert.ok(folder.opened.every(({ closed }) => closed), `${turns} turns`);
    assert.equal(library.size, 0);
  }
});

function sourceOf({ file }: OpenRecording): unknown {
  assert.ok(file instanceof FlvFile);
  return file.source;
}

/** Lets what was promised happen. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

test("a recording that goes on comes first, in the format that is asked for, until all of it can be read", async () => {
  const { library } = setUp();
  const under = (path: string) =>
    ({
      ...{ path, read: () => Promise.resolve(new BytesSource(flv(...HEADERS, ...media(2)), path)) },
    }) as unknown as MediaTarget;
  const name = { app: "live", name: "demo" };
  const mp4 = library.begin(name);
  const series = library.begin(name);
  assert.equal(await library.find(name), "live/demo.flv", "nothing is in it yet");
  const first = series.begin(1, 0);
  first.onOpen(under("live/demo/2.flv"));
  mp4.begin(1, 0).onOpen(under("live/demo/2.mp4"));
  assert.equal(await library.find(name), "live/demo/2.flv");
  assert.equal(await library.find({ ...name, container: "mp4" }), "live/demo/2.mp4");
  const opened = await library.open(name);
  assert.ok(typeof opened !== "string" && opened.grows && opened.path === "live/demo/2.flv");
  const again = await library.open(name);
  assert.ok(typeof again !== "string" && again.file === opened.file);
  series.end();
  assert.ok(opened.grows, "some of it is still to be written");
  first.onEnd("live/demo/1.flv");
  assert.ok(!opened.grows);
  for (const one of [opened, again]) one.close();
  await settled();
  assert.equal(library.size, 0);
  mp4.end();
  assert.equal(await library.find({ ...name, container: "flv" }), "live/demo/2.mp4");
});
