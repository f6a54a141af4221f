/** Recordings that are played: what clients are told, and in which order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import { type PlayContext, refuse } from "../../../src/plugin/api.ts";
import { isMedia, pass, playing, read, RecordedRig, took } from "../../support/recorded_rig.ts";

test("a recording begins with what it is, its metadata, headers and media, ahead by the client's buffer", async () => {
  const rig = new RecordedRig();
  const client = await playing(rig, 0);
  const lines = took(client);
  assert.deepEqual(lines.filter((text) => !isMedia(text)), [
    "streamIsRecorded 1",
    "streamBegin 1",
    "1 onStatus 0 null status:NetStream.Play.Reset",
    "1 onStatus 0 null status:NetStream.Play.Start{details=demo}",
    "1 data |RtmpSampleAccess true true",
    "1 data onMetaData {duration=9.97}",
  ]);
  const frames = lines.filter(isMedia);
  assert.deepEqual(frames.slice(0, 4), ["v 0 header", "a 0 header", "v 0 key", "a 10"]);
  // What it buffers, and up to half as much that goes along.
  const time = (text: string | undefined) => Number(text?.split(" ")[1]);
  assert.ok(time(frames.at(-1)) >= 1000 && time(frames.at(-1)) <= 1510, frames.join(" "));
  await pass(rig, 1000);
  const last = took(client).at(-1);
  assert.ok(time(last) >= 2000 && time(last) <= 2510, `${last}`);
});

test("what the client buffers counts at once, and the end is told once everything is sent", async () => {
  const rig = new RecordedRig();
  const client = await playing(rig, 0);
  client.message(MessageType.UserControl, 0, 0, Uint8Array.of(0, 3, 0, 0, 0, 1, 0, 0, 0x75, 0x30));
  await pass(rig, 300);
  const lines = took(client);
  assert.equal(lines.filter(isMedia).length, 502);
  assert.deepEqual(lines.slice(-4), [
    "a 9970",
    "1 data onPlayStatus status:NetStream.Play.Complete{duration=9.97 bytes=" +
    `${/bytes=(\d+)/.exec(lines.at(-3)!)?.[1]}}`,
    "streamEof 1",
    "1 onStatus 0 null status:NetStream.Play.Stop",
  ]);
  // After the end it may be sought in.
  client.command(1, "seek", 0, null, 9000);
  await read();
  const again = took(client);
  assert.deepEqual(again.slice(0, 8), [
    "streamEof 1",
    "streamIsRecorded 1",
    "streamBegin 1",
    "1 onStatus 0 null status:NetStream.Seek.Notify",
    "1 onStatus 0 null status:NetStream.Play.Start",
    "v 8000 header",
    "a 8000 header",
    "v 8000 key",
  ]);
  assert.equal(again.at(-1), "1 onStatus 0 null status:NetStream.Play.Stop");
  client.command(1, "closeStream", 0, null);
  await read();
  assert.equal(rig.library.size, 0);
  assert.ok(rig.folder.opened.every(({ closed }) => closed));
  assert.deepEqual(rig.takeTold(), ["stop demo client"]);
});

test("with a start the time line begins at the key frame before it, and a duration ends it", async () => {
  const rig = new RecordedRig();
  const client = await playing(rig, 5000, 2000);
  await pass(rig, 4000);
  const frames = took(client).filter(isMedia);
  assert.deepEqual(frames.slice(0, 4), ["v 0 header", "a 0 header", "v 0 key", "a 10"]);
  assert.equal(frames.at(-1), "v 3000");
});

test("a duration of 0 is one picture", async () => {
  const rig = new RecordedRig();
  const client = await playing(rig, 5000, 0);
  const lines = took(client);
  assert.deepEqual(lines.filter(isMedia), ["v 0 header", "a 0 header", "v 0 key"]);
  assert.equal(lines.at(-1), "1 onStatus 0 null status:NetStream.Play.Stop");
});

test("a pause stops, and playing on begins behind what the client has", async () => {
  const rig = new RecordedRig();
  const client = await playing(rig, 0);
  took(client);
  client.command(1, "pause", 0, null, true, 500);
  await pass(rig, 3000);
  assert.deepEqual(took(client), [
    "1 onStatus 0 null status:NetStream.Pause.Notify",
    "streamEof 1",
  ]);
  client.command(1, "pause", 0, null, false, 500);
  await read();
  const lines = took(client);
  assert.deepEqual(lines.slice(0, 2), [
    "streamBegin 1",
    "1 onStatus 0 null status:NetStream.Unpause.Notify",
  ]);
  const times = lines.filter(isMedia).map((text) => Number(text.split(" ")[1]));
  assert.ok(times.every((time) => time > 500), times.join(" "));
  assert.equal(times[0], 520);
  assert.ok(times.at(-1)! <= 2510 && times.at(-1)! >= 1500, times.join(" "));
});

test("a seek during a pause shows one picture, and goes on from there", async () => {
  const rig = new RecordedRig();
  const client = await playing(rig, 0);
  client.command(1, "pause", 0, null, true, 900);
  took(client);
  for (const to of [3000, 5000, 7000]) client.command(1, "seek", 0, null, to);
  await pass(rig, 500);
  const lines = took(client);
  assert.equal(lines.filter((text) => text.includes("Seek.Notify")).length, 3);
  assert.deepEqual(lines.filter(isMedia), ["v 6000 header", "a 6000 header", "v 6000 key"]);
  client.command(1, "pause", 0, null, false, 6000);
  await read();
  assert.equal(took(client).find(isMedia), "a 6010");
});

test("a name without a file of its own is the newest of its recordings; a damaged one is said to be", async () => {
  const rig = new RecordedRig();
  const client = rig.client().connected(2);
  client.command(1, "play", 0, null, "more", 0);
  await read();
  assert.ok(took(client).includes("1 data onMetaData {duration=5.97}"));
  assert.equal(client.session.describe().app, "live");
  client.command(2, "play", 0, null, "odd", 0);
  await read();
  const codes = took(client).filter((text) => text.startsWith("2 "));
  assert.deepEqual(codes, ["2 onStatus 0 null error:NetStream.Play.FileStructureInvalid"]);
  client.command(0, "getStreamLength", 9, null, "demo");
  await read();
  assert.ok(took(client).includes("0 _result 9 null 9.97"));
});

test("-1 is live only, and a name that is live is live to -2", async () => {
  const rig = new RecordedRig();
  const publisher = rig.publisher("demo");
  const client = rig.client().connected();
  client.command(1, "play", 0, null, "demo", -2000);
  await read();
  assert.ok(!took(client).includes("streamIsRecorded 1"));
  publisher.command(1, "closeStream", 0, null);
  const other = rig.client().connected();
  other.command(1, "play", 0, null, "demo", -1000);
  await read();
  assert.deepEqual(took(other), []);
});

test("plugins see the file and the start, and may refuse it", async () => {
  const seen: PlayContext[] = [];
  const rig = new RecordedRig({
    name: "guard",
    onPlay: (context) => {
      seen.push(context);
      return refuse("Not this one");
    },
  });
  const client = await playing(rig, 4000);
  assert.deepEqual(client.codes(), ["NetStream.Play.Failed"]);
  const [{ recorded, file, start }] = seen as [PlayContext];
  assert.deepEqual({ recorded, file, start }, {
    ...{ recorded: true, file: "live/demo.flv", start: 4000 },
  });
  client.command(0, "getStreamLength", 9, null, "demo");
  assert.ok(took(client).includes("0 _result 9 null 0"));
});

/** Two recordings and what of each is played, with a large buffer. */
async function playlist(
  rig: RecordedRig,
  ...plays: (string | number | boolean)[][]
): Promise<string[]> {
  const client = rig.client().connected();
  for (const values of plays) client.command(1, "play", 0, null, ...values);
  client.message(MessageType.UserControl, 0, 0, Uint8Array.of(0, 3, 0, 0, 0, 1, 0, 0, 0x75, 0x30));
  await read();
  await pass(rig, 1000);
  return took(client);
}

test("a playlist plays one recording behind the other, on one time line", async () => {
  const rig = new RecordedRig();
  const lines = await playlist(rig, ["more", 0, -1, true], ["demo", 8000, -1, false], [
    ...["more", 4000, -1, 0],
  ]);
  const said = lines.filter((text) => !isMedia(text) && !text.includes("onMetaData"));
  assert.deepEqual(said, [
    "streamIsRecorded 1",
    "streamBegin 1",
    "1 onStatus 0 null status:NetStream.Play.Reset",
    "1 onStatus 0 null status:NetStream.Play.Start{details=more}",
    "1 data |RtmpSampleAccess true true",
    "1 data onPlayStatus status:NetStream.Play.Switch",
    "streamIsRecorded 1",
    "streamBegin 1",
    "1 onStatus 0 null status:NetStream.Play.Transition",
    "1 onStatus 0 null status:NetStream.Play.Start{details=demo}",
    "1 data |RtmpSampleAccess true true",
    "1 data onPlayStatus status:NetStream.Play.Switch",
    "streamIsRecorded 1",
    "streamBegin 1",
    "1 onStatus 0 null status:NetStream.Play.Transition",
    "1 onStatus 0 null status:NetStream.Play.Start{details=more}",
    "1 data |RtmpSampleAccess true true",
    said.find((text) => text.includes("Play.Complete"))!,
    "streamEof 1",
    "1 onStatus 0 null status:NetStream.Play.Stop",
  ]);
  const frames = lines.filter(isMedia);
  const times = frames.map((text) => Number(text.split(" ")[1]));
  assert.ok(times.every((time, index) => index === 0 || time >= times[index - 1]!));
  const keys = frames.filter((text) => text.endsWith(" key"));
  assert.deepEqual(keys, ["v 0 key", "v 2000 key", "v 4000 key", "v 6010 key", "v 8020 key"]);
  assert.deepEqual(frames.filter((text) => text.endsWith("header")), [
    ...["v 0 header", "a 0 header", "v 6010 header", "a 6010 header"],
    ...["v 8020 header", "a 8020 header"],
  ]);
  assert.equal(rig.library.size, 1);
});

test("what a playlist plays next is sent no earlier than it is due, and what is not there is left out", async () => {
  const rig = new RecordedRig();
  const client = await playing(rig, 8000);
  client.command(1, "play", 0, null, "nowhere", 0, -1, false);
  client.command(1, "play", 0, null, "more", 0, -1, false);
  await pass(rig, 1200);
  const early = took(client);
  assert.equal(early.filter((text) => text.includes("StreamNotFound")).length, 1);
  const time = (text: string | undefined) => Number(text?.split(" ")[1]);
  // What was shown, a second that is buffered, and up to one that goes along.
  const first = time(early.filter(isMedia).at(-1));
  assert.ok(first >= 2200 && first <= 3200, `${first}`);
  await pass(rig, 2000);
  const last = time(took(client).filter(isMedia).at(-1));
  assert.ok(last >= 4200 && last <= 5200, `${last}`);
});

test("what is appended to a recording that is over begins at once", async () => {
  const rig = new RecordedRig();
  const client = await playing(rig, 9000);
  await pass(rig, 3000);
  assert.equal(took(client).at(-1), "1 onStatus 0 null status:NetStream.Play.Stop");
  client.command(1, "play", 0, null, "more", 0, -1, false);
  await read();
  const lines = took(client);
  assert.ok(lines.includes("1 onStatus 0 null status:NetStream.Play.Start{details=more}"));
  assert.ok(lines.includes("v 0 key"), lines.join("\n"));
});
