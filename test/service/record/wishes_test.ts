/** Who has a stream recorded: the settings, a plugin, its publisher, an operator. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  type Plugin,
  type PublishVerdict,
  record,
  refuse,
  rename,
} from "../../../src/plugin/mod.ts";
import type { MediaFolder } from "../../../src/recordings/folder.ts";
import { RecordRig } from "../../support/record_service.ts";
import { publishGop } from "../../support/rtmp_service.ts";

const answers = (answer: PublishVerdict, name = "gate"): Plugin => ({
  name,
  onPublish: () => answer,
});

test("a plugin's answer records a stream that no setting names, as it says, under its public name", async () => {
  const how = {
    ...rename("public"),
    ...record({ format: ["mp4", "flv"], file: "{name}-{number}" }),
  };
  await using rig = new RecordRig({ plugins: [answers(how)] });
  const client = rig.publish("secret");
  assert.deepEqual(client.codes(), ["NetStream.Publish.Start"], "who did not ask is not told");
  publishGop(client, 0);
  await rig.until(() => rig.started.length === 2);
  client.command(1, "closeStream", 0, null);
  await rig.until(() => rig.recorded.length === 2);
  assert.deepEqual(rig.files(), ["live/public/public-00001.flv", "live/public/public-00001.mp4"]);
  const flv = rig.recorded.find(({ format }) => format === "flv")!;
  const { start, bytes, ...said } = flv;
  assert.ok(bytes > 5000 && start === rig.rig.clock.wall());
  assert.deepEqual(said, {
    ...{ app: "live", name: "public", file: "live/public/public-00001.flv", format: "flv" },
    ...{ durationMs: 40, reason: "unpublished" },
    tracks: [{ kind: "video", id: 0, codec: "avc" }, { kind: "audio", id: 0, codec: "aac" }],
  });
  assert.deepEqual(rig.failed, []);
});

test("the last plugin that says something of recording has the last word, whatever the settings say", async () => {
  const plugins = [answers(record({ format: "mp4" }), "one"), answers(record(false), "two")];
  await using rig = new RecordRig({
    record: { streams: ["*/*"] },
    plugins: [...plugins, answers(undefined, "three")],
  });
  const client = rig.publish();
  publishGop(client, 0);
  assert.deepEqual(rig.service.stopRecording({ app: "live", name: "test" }), false);
  client.command(1, "closeStream", 0, null);
  await rig.service.stop(1000);
  assert.deepEqual([rig.files(), rig.started], [[], []]);
});

test("what is no way of recording refuses the publisher, and is a fault of the plugin", async () => {
  const wrong = ["yes", null, { format: "avi" }, { file: "../x" }, { segmentMs: -1 }, {
    sgmentMs: 1,
  }, []];
  for (const how of wrong) {
    await using rig = new RecordRig({ plugins: [answers({ record: how } as PublishVerdict)] });
    const client = rig.publish();
    assert.deepEqual(client.codes(), ["NetStream.Publish.Denied"], JSON.stringify(how));
    assert.equal(rig.rig.faults.length, 1);
  }
  await using rig = new RecordRig({ plugins: [answers({ ...refuse("No"), record: true })] });
  assert.deepEqual(rig.publish().codes(), ["NetStream.Publish.Denied"]);
});

test("a publisher that may asks for a file of its own, goes on with it, or has it replaced", async () => {
  await using rig = new RecordRig({ record: { publishers: ["live/*"] } });
  const publish = async (type: string) => {
    const client = rig.publish("test", type);
    await rig.until(() => type === "record" || rig.service.isRecorded(rig.rig.registry.get(KEY)!));
    publishGop(client, 7000);
    const { length } = rig.recorded;
    await rig.until(() => rig.started.length > length);
    client.command(1, "closeStream", 0, null);
    await rig.until(() => rig.recorded.length > length);
    assert.deepEqual(rig.files(), ["live/test.flv"]);
    return client.codes();
  };
  const codes = await publish("append");
  assert.deepEqual(
    codes.sort(),
    ["Publish.Start", "Record.Start", "Record.Stop", "Unpublish.Success"]
      .map((code) => `NetStream.${code}`),
  );
  assert.deepEqual(rig.times("live/test.flv"), [0, 10, 40]);
  await publish("append");
  assert.deepEqual(rig.times("live/test.flv"), [0, 10, 40, 80, 90, 120]);
  assert.equal(rig.recorded.at(-1)!.durationMs, 120);
  await publish("append");
  assert.deepEqual(rig.times("live/test.flv").slice(-4), [120, 160, 170, 200]);
  await publish("record");
  assert.deepEqual(rig.times("live/test.flv"), [0, 10, 40]);
});

const KEY = { app: "live", name: "test" };

test("who may not is told so as a warning, and is live; a plugin may let it", async () => {
  await using rig = new RecordRig({ record: { publishers: ["other/*"] } });
  const client = rig.publish("test", "record");
  const told = client.take().map((line) => /(\w+):(NetStream\S+)/.exec(line)?.slice(1));
  assert.deepEqual(told.filter((one) => one !== undefined), [
    ["status", "NetStream.Publish.Start"],
    ["warning", "NetStream.Record.NoAccess"],
  ]);
  publishGop(client, 0);
  await using asked = new RecordRig({ plugins: [answers(record("asked"))] });
  publishGop(asked.publish("quiet"), 0);
  publishGop(asked.publish("test", "record"), 0);
  await asked.until(() => asked.started.length === 1);
  assert.equal(asked.started[0]!.file, "live/test.flv");
  assert.deepEqual(rig.started, []);
});

test("an operator records a stream from now on, with the GOP that is there, and stops it", async () => {
  await using rig = new RecordRig({});
  assert.equal(rig.service.record(KEY, {}), undefined, "nobody publishes");
  const client = rig.publish();
  publishGop(client, 3000);
  const view = rig.rig.view();
  assert.equal(view.startRecording("live", "test", { file: "mine" }), true);
  assert.equal(view.startRecording("live", "test", {}), "recorded");
  await rig.until(() => rig.started.length === 1);
  const page = { limit: 10, offset: 0 };
  const [one] = [...(await view.listRecordings(page))!.items];
  const { bytes, ...rest } = one!;
  assert.ok(bytes > 5000);
  assert.deepEqual(rest, {
    ...{ file: "live/test/mine.flv", format: "flv", state: "recording", durationMs: 40 },
    ...{ changedAt: null, app: "live", name: "test", source: "api", omittedFrames: 0 },
  });
  assert.equal(await view.removeRecording("live/test/mine.flv"), "under-way");
  assert.equal(view.stopRecording("live", "test"), true);
  assert.equal(view.stopRecording("live", "test"), false);
  await rig.until(() => rig.recorded.length === 1);
  assert.equal(rig.recorded[0]!.reason, "stopped");
  assert.equal(view.startRecording("live", "test", { file: "more" }), true);
  await rig.until(() => rig.started.length === 2);
  writeFileSync(join(rig.path, "live", "test.txt"), "no recording");
  const all = (await view.listRecordings(page, KEY))!;
  assert.deepEqual([...all.items].map(({ file, state }) => `${file} ${state}`), [
    "live/test/more.flv recording",
    "live/test/mine.flv finished",
  ]);
  assert.deepEqual([...(await view.listRecordings(page, { app: "a", name: "b" }))!.items], []);
  for (const file of ["live/test.txt", "../x.flv", "live/test/.more.flv.part", "live/none.flv"]) {
    assert.equal(await view.removeRecording(file), false, file);
  }
  assert.equal(await view.removeRecording("live/test/mine.flv"), true);
  assert.deepEqual(rig.files(), ["live/test.txt", "live/test/.more.flv.part"]);
});

test("a recording that fails is an event with its reason, and the publisher that asked is told", async () => {
  const disk = (folder: MediaFolder): MediaFolder =>
    Object.assign(Object.create(folder), {
      create: () => Promise.reject(new Error("no space left on device")),
    });
  await using rig = new RecordRig({ record: { publishers: ["*/*"] }, disk });
  const client = rig.publish("test", "record");
  publishGop(client, 0);
  await rig.until(() => rig.failed.length === 1);
  publishGop(client, 1000);
  assert.deepEqual(rig.failed, [{
    ...{ app: "live", name: "test", file: "live/test.flv", format: "flv" },
    error: "Error: no space left on device",
  }]);
  assert.deepEqual(client.take().filter((line) => line.includes("Record")).length, 1);
  await rig.service.stop(1000);
  assert.deepEqual([rig.started, rig.recorded, rig.failed.length], [[], [], 1]);
});

test("who comes back in time goes on in the same file, also without players", async () => {
  await using rig = new RecordRig({
    record: { streams: ["live/*"] },
    settings: { reconnectWindowMs: 5000 },
  });
  const first = rig.publish();
  publishGop(first, 0);
  first.connection.hangUp();
  rig.rig.clock.advance(3000);
  const second = rig.publish();
  publishGop(second, 90_000);
  second.command(1, "closeStream", 0, null);
  await rig.until(() => rig.recorded.length === 1);
  assert.deepEqual(rig.files(), ["live/test/00001.flv"]);
  assert.deepEqual(rig.times("live/test/00001.flv"), [0, 10, 40, 80, 90, 120]);
});

test("plugins open and remove what was recorded, by the path that they were told", async () => {
  await using rig = new RecordRig({ record: { streams: ["live/*"] } });
  const client = rig.publish();
  publishGop(client, 0);
  client.command(1, "closeStream", 0, null);
  await rig.until(() => rig.recorded.length === 1);
  const [{ file, bytes }] = rig.recorded as [(typeof rig.recorded)[0]];
  const server = rig.rig.view();
  const opened = (await server.openRecording(file))!;
  assert.equal(opened.size, bytes);
  const head = new Uint8Array(3);
  assert.equal(await opened.read(head, 0), 3);
  assert.deepEqual([...head], [0x46, 0x4c, 0x56]);
  await opened.close();
  assert.equal(await server.openRecording("../" + file), undefined);
  assert.equal(await server.removeRecording(file), true);
  assert.equal(await server.openRecording(file), undefined);
});
