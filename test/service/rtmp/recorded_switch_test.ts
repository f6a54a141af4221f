/** play2 between recordings, and between them and what is live. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject } from "../../../src/core/amf/mod.ts";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import { keyFrame } from "../../support/media.ts";
import { isMedia, pass, playing, read, RecordedRig, took } from "../../support/recorded_rig.ts";
import { publishGop } from "../../support/rtmp_service.ts";
import { line } from "../../support/scripted_client.ts";

const SWITCH = (name: string) => amfObject({ streamName: name, transition: "switch" });

test("play2 goes on with another recording at the same time, from a key frame of it", async () => {
  const rig = new RecordedRig();
  const client = await playing(rig, 0);
  took(client);
  client.command(1, "play2", 0, null, SWITCH("other"));
  await pass(rig, 5000);
  const messages = client.takeMessages();
  const lines = messages.map(line);
  const code = (text: string) => lines.findIndex((one) => one.includes(text));
  assert.equal(
    lines[code("Play.Transition")],
    "1 onStatus 0 null status:NetStream.Play.Transition",
  );
  assert.equal(
    lines[code("TransitionComplete")],
    "1 data onPlayStatus status:NetStream.Play.TransitionComplete",
  );
  const times = messages.filter(({ type }) => type === 8 || type === 9)
    .map(({ timestamp }) => timestamp);
  assert.ok(times.every((time, index) => index === 0 || time >= times[index - 1]!));
  const at = messages.findIndex(({ type, payload }) => type === 9 && payload.length === 800);
  assert.ok(at > code("TransitionComplete"));
  assert.equal(messages[at]!.timestamp, 2000);
  // Nothing is missing, and nothing is there twice.
  const pictures = messages.filter(({ type, payload }) => type === 9 && payload[1] === 1)
    .map(({ timestamp }) => timestamp);
  const first = pictures[0]!;
  assert.deepEqual(pictures, pictures.map((_, index) => first + 40 * index));
  assert.ok(first <= 1560 && pictures.at(-1)! >= 6000, `${first} ${pictures.at(-1)}`);
  assert.equal(rig.library.size, 1);
  client.command(1, "closeStream", 0, null);
  await read();
  assert.equal(rig.library.size, 0);
  assert.deepEqual(rig.takeTold(), ["stop demo client", "stop other client"]);
});

test("a switch to what is not there, or behind the end, leaves the recording as it is", async () => {
  const rig = new RecordedRig();
  const client = await playing(rig, 8500);
  took(client);
  for (const name of ["nowhere", "more"]) client.command(1, "play2", 0, null, SWITCH(name));
  await pass(rig, 4000);
  const lines = took(client);
  assert.deepEqual(lines.filter((text) => text.includes("error:")), [
    "1 onStatus 0 null error:NetStream.Play.StreamNotFound",
    "1 onStatus 0 null error:NetStream.Play.Failed",
  ]);
  assert.equal(lines.at(-1), "1 onStatus 0 null status:NetStream.Play.Stop");
  client.command(1, "closeStream", 0, null);
  await read();
  assert.equal(rig.library.size, 0);
  assert.ok(rig.folder.opened.every(({ closed }) => closed));
});

test("a seek before the switch calls it off, and so does the end", async () => {
  for (const how of ["seek", "closeStream"]) {
    const rig = new RecordedRig();
    const client = await playing(rig, 0);
    client.command(1, "play2", 0, null, SWITCH("other"));
    await read();
    took(client);
    client.command(1, how, 0, null, 6000);
    await pass(rig, 6000);
    const lines = took(client);
    assert.ok(!lines.some((text) => text.includes("TransitionComplete")));
    assert.equal(
      lines.filter((text) => text.includes("Play.Failed")).length,
      how === "seek" ? 1 : 0,
    );
    assert.equal(rig.library.size, how === "seek" ? 1 : 0);
    assert.equal(rig.folder.opened.filter(({ closed }) => !closed).length, how === "seek" ? 1 : 0);
  }
});

test("play2 goes from what is live to a recording, whose time goes on, and which can be sought in", async () => {
  const rig = new RecordedRig();
  publishGop(rig.publisher("stage"), 7000, 1);
  const client = rig.player("stage");
  client.take();
  const options = amfObject({ streamName: "demo", transition: "switch", start: 5000 });
  client.command(1, "play2", 0, null, options);
  await pass(rig, 3000);
  const lines = took(client);
  assert.deepEqual(lines.slice(0, 6), [
    "1 onStatus 0 null status:NetStream.Play.Transition",
    "streamIsRecorded 1",
    "streamBegin 1",
    "1 data onPlayStatus status:NetStream.Play.TransitionComplete",
    "1 data onMetaData {duration=9.97}",
    `v ${7080} header`,
  ]);
  const times = lines.filter(isMedia).map((text) => Number(text.split(" ")[1]));
  assert.equal(times[0], 7080);
  assert.ok(times.at(-1)! >= 10_000, `${times.at(-1)}`);
  assert.deepEqual(rig.takeTold(), ["stop stage client"]);
  client.command(1, "seek", 0, null, 9_080);
  await read();
  assert.ok(took(client).includes("v 9080 key"));
  client.command(1, "closeStream", 0, null);
  await read();
  assert.equal(rig.library.size, 0);
});

test("play2 goes from a recording to what is live, once that has a key frame", async () => {
  const rig = new RecordedRig();
  const stage = rig.publisher("stage");
  publishGop(stage, 0, 1);
  const client = await playing(rig, 0);
  took(client);
  client.command(1, "play2", 0, null, SWITCH("stage"));
  await pass(rig, 1500);
  const before = took(client);
  assert.ok(before.includes("1 onStatus 0 null status:NetStream.Play.Transition"));
  assert.ok(before.filter(isMedia).length > 10, "the recording goes on");
  stage.message(MessageType.Video, 1, 900, keyFrame(50, 9));
  await read();
  const lines = took(client);
  const at = lines.findIndex((text) => text.includes("TransitionComplete"));
  assert.deepEqual(lines.slice(at - 1, at + 1), [
    "streamBegin 1",
    "1 onStatus 0 null status:NetStream.Play.TransitionComplete",
  ]);
  assert.ok(lines.slice(at).includes("v 900 key"), lines.join("\n"));
  assert.deepEqual(rig.takeTold(), ["stop demo client"]);
  assert.equal(rig.library.size, 0);
  // It is live now: there is nowhere to go to.
  client.command(1, "seek", 0, null, 9_000);
  await read();
  assert.ok(!took(client).includes("streamIsRecorded 1"));
  stage.command(1, "closeStream", 0, null);
  assert.ok(took(client).includes("1 onStatus 0 null status:NetStream.Play.Stop"));
});

test("a recording that ends meanwhile goes on with what is live, or is over where that does not come", async () => {
  for (const comes of [true, false]) {
    const rig = new RecordedRig();
    const client = await playing(rig, 9000);
    const options = amfObject({ streamName: "stage", transition: "switch", start: -1000 });
    client.command(1, "play2", 0, null, options);
    await pass(rig, 4000);
    assert.ok(!took(client).some((text) => text.includes("Complete")), "it is waited for");
    if (comes) publishGop(rig.publisher("stage"), 0, 1);
    await pass(rig, 8000);
    const codes = took(client).filter((text) => text.startsWith("1 onStatus"));
    assert.deepEqual(
      codes.map((text) => text.replace(/.*Play\./, "")),
      comes ? ["TransitionComplete"] : ["StreamNotFound", "Stop"],
    );
  }
});

test("a seek in the recording calls a switch to what is live off", async () => {
  const rig = new RecordedRig();
  const stage = rig.publisher("stage");
  publishGop(stage, 0, 1);
  const client = await playing(rig, 0);
  client.command(1, "play2", 0, null, SWITCH("stage"));
  await read();
  client.command(1, "seek", 0, null, 4000);
  await read();
  stage.message(MessageType.Video, 1, 900, keyFrame(50, 9));
  await pass(rig, 500);
  const lines = took(client);
  assert.equal(lines.filter((text) => text.includes("Play.Failed")).length, 1);
  assert.ok(!lines.some((text) => text.includes("TransitionComplete")));
  assert.equal(rig.registry.get({ app: "live", name: "stage" })!.playerCount, 0);
  assert.deepEqual(rig.takeTold(), ["stop stage client"]);
});
