/** How plays of recordings end, and what else is told of recordings. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isMedia, pass, playing, read, RecordedRig, took } from "../../support/recorded_rig.ts";

test("what cannot be read on ends, and its client is told", async () => {
  const rig = new RecordedRig();
  const client = await playing(rig, 0);
  took(client);
  rig.folder.opened.at(-1)!.read = () => Promise.reject(new Error("EIO"));
  await pass(rig, 9000);
  const lines = took(client);
  assert.ok(lines.some((text) => text.includes("error:NetStream.Play.Failed")), lines.join("\n"));
  assert.deepEqual(rig.takeTold(), ["stop demo internal"]);
  assert.equal(rig.library.size, 0);
  assert.deepEqual(rig.counted.list().map(({ subsystem, count }) => [subsystem, count]), [[
    "record",
    1,
  ]]);
  assert.equal(client.session.core.phase, "connected", "the session is there still");
});

test("what cannot be opened is told as that, and the place that cannot be found as well", async () => {
  const rig = new RecordedRig();
  const { open } = rig.folder;
  rig.folder.open = async (path) => {
    const source = await open.call(rig.folder, path);
    if (source !== undefined) {
      const { read } = source;
      // The middle of it cannot be read.
      source.read = (target, position) =>
        position > 20_000 && position < source.size - 2000
          ? Promise.reject(new Error("EIO"))
          : read.call(source, target, position);
    }
    return source;
  };
  const client = await playing(rig, 6000);
  assert.deepEqual(client.codes(), ["NetStream.Play.Failed"]);
  assert.equal(rig.library.size, 0);
  assert.ok(rig.folder.opened.every(({ closed }) => closed));
});

test("a client that has gone while the file was opened has it closed", async () => {
  const rig = new RecordedRig();
  const client = rig.client().connected();
  client.command(1, "play", 0, null, "demo", 0);
  client.connection.hangUp();
  await read();
  assert.equal(rig.library.size, 0);
  assert.ok(rig.folder.opened.every(({ closed }) => closed));
  assert.deepEqual(rig.takeTold(), ["disconnect disconnected"]);
});

test("the end of a play is told to plugins, with its bytes and how long it was", async () => {
  const rig = new RecordedRig();
  const client = await playing(rig, 0);
  await pass(rig, 1000);
  client.command(1, "closeStream", 0, null);
  const [end] = rig.ends;
  const { bytes, durationMs, reason } = end as {
    bytes: number;
    durationMs: number;
    reason: string;
  };
  assert.ok(bytes > 20_000, `${bytes}`);
  assert.deepEqual([durationMs, reason], [1000, "client"]);
  const { app, playing: names } = client.session.describe();
  assert.deepEqual([app, names], ["live", []]);
});

test("sound alone, or pictures alone, of a recording from where it is", async () => {
  const rig = new RecordedRig();
  const client = await playing(rig, 0);
  assert.deepEqual(client.session.describe().playing, ["demo"]);
  took(client);
  client.command(1, "receiveVideo", 0, null, false);
  took(client);
  await pass(rig, 2000);
  const frames = took(client).filter(isMedia);
  assert.ok(frames.length > 20 && frames.every((text) => text.startsWith("a ")), frames.join());
});

test("how long something lasts is not told of what is live, nor of what is not there", async () => {
  const rig = new RecordedRig();
  rig.publisher("demo");
  const client = rig.client().connected();
  const ask = async (name: string) => {
    client.command(0, "getStreamLength", 9, null, name);
    await read();
    return took(client);
  };
  assert.deepEqual(await ask("demo"), ["0 _result 9 null 0"]);
  assert.deepEqual(await ask("nowhere"), ["0 _result 9 null 0"]);
  assert.deepEqual(await ask("other"), ["0 _result 9 null 9.97"]);
  assert.deepEqual(await ask("-$x"), ["0 _result 9 null 0"]);
  assert.equal(rig.library.size, 0);
});
