/** Switches from one recording to another that somebody else has a say in, or that come to nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject } from "../../../src/core/amf/mod.ts";
import { refuse, rename } from "../../../src/plugin/api.ts";
import { pass, playing, read, RecordedRig, took } from "../../support/recorded_rig.ts";

const SWITCH = (name: string) => amfObject({ streamName: name, transition: "switch" });

test("plugins may refuse the other recording, or lead to another one", async () => {
  const asked: string[] = [];
  const rig = new RecordedRig({
    name: "guard",
    onPlay: ({ name, file, recorded, start }) => {
      asked.push(`${name} ${file} ${recorded} ${start}`);
      return name === "more"
        ? refuse("Not this one")
        : name === "key"
        ? rename("other")
        : undefined;
    },
  });
  const client = await playing(rig, 0);
  took(client);
  client.command(1, "play2", 0, null, SWITCH("more"));
  await read();
  assert.deepEqual(took(client).filter((text) => text.includes("error:")), [
    "1 onStatus 0 null error:NetStream.Play.Failed",
  ]);
  client.command(1, "play2", 0, null, SWITCH("key"));
  await pass(rig, 3000);
  assert.ok(took(client).some((text) => text.includes("TransitionComplete")));
  assert.deepEqual(asked, [
    "demo live/demo.flv true 0",
    "more live/more/2.flv true 0",
    "key undefined undefined undefined",
  ]);
  assert.deepEqual(client.session.describe().playing, ["other"]);
  assert.equal(rig.library.size, 1);
});

test("a switch to a name that is none, or to what is damaged, leaves all as it is", async () => {
  const rig = new RecordedRig();
  const client = await playing(rig, 0);
  took(client);
  for (const [name, code] of [["-$x", "StreamNotFound"], ["odd", "Failed"]]) {
    client.command(1, "play2", 0, null, SWITCH(name!));
    await read();
    assert.deepEqual(took(client).filter((text) => text.includes("error:")), [
      `1 onStatus 0 null error:NetStream.Play.${code}`,
    ]);
  }
  assert.equal(rig.library.size, 1);
});

test("the last of several switches counts, and what was to come before is closed", async () => {
  const rig = new RecordedRig();
  const client = await playing(rig, 0);
  took(client);
  client.command(1, "play2", 0, null, SWITCH("more"));
  await read();
  client.command(1, "play2", 0, null, SWITCH("other"));
  await read();
  assert.equal(rig.library.size, 2);
  await pass(rig, 4000);
  assert.deepEqual(client.session.describe().playing, ["other"]);
  assert.equal(rig.library.size, 1);
  assert.equal(rig.folder.opened.filter(({ closed }) => !closed).length, 1);
});

test("a switch once all was played is refused, whether it is asked then or was decided too late", async () => {
  const go: (() => void)[] = [];
  let isSlow = false;
  const rig = new RecordedRig({
    name: "slow",
    onPlay: () => isSlow ? new Promise<void>((done) => go.push(done)) : undefined,
  });
  const client = await playing(rig, 8000);
  isSlow = true;
  client.command(1, "play2", 0, null, SWITCH("other"));
  await read();
  await pass(rig, 4000);
  took(client);
  go[0]!();
  await read();
  const lines = took(client).filter((text) => text.includes("onStatus"));
  assert.deepEqual(lines.filter((text) => text.includes("error:")).length, 1, lines.join("\n"));
  assert.equal(rig.library.size, 1);
});

test("a switch ends where its duration says, from the switch on", async () => {
  const rig = new RecordedRig();
  const client = await playing(rig, 0);
  const options = { streamName: "other", transition: "switch", len: 2 };
  client.command(1, "play2", 0, null, amfObject(options));
  await pass(rig, 8000);
  const lines = took(client);
  assert.equal(lines.at(-1), "1 onStatus 0 null status:NetStream.Play.Stop");
});

test("a switch to what cannot be read is refused, counted as a fault, and leaves nothing open", async () => {
  const rig = new RecordedRig();
  const client = await playing(rig, 0);
  took(client);
  const { open } = rig.library;
  rig.library.open = async (name) => {
    const opened = await open.call(rig.library, name);
    if (typeof opened !== "string") opened.file.place = () => Promise.reject(new Error("EIO"));
    return opened;
  };
  client.command(1, "play2", 0, null, SWITCH("other"));
  await pass(rig, 1000);
  assert.deepEqual(took(client).filter((text) => text.includes("error:")), [
    "1 onStatus 0 null error:NetStream.Play.Failed",
  ]);
  assert.deepEqual(rig.counted.list().map(({ subsystem, count }) => [subsystem, count]), [[
    "record",
    1,
  ]]);
  assert.equal(rig.library.size, 1);
  assert.equal(rig.folder.opened.filter(({ closed }) => !closed).length, 1);
});

test("a switch to a file that is still written is one to how far it is now", async () => {
  for (const grows of [true, false]) {
    const rig = new RecordedRig();
    const client = await playing(rig, 0);
    const open = rig.library.open.bind(rig.library);
    let measured = 0;
    rig.library.open = async (...of) => {
      const opened = await open(...of);
      assert.ok(typeof opened !== "string");
      const measure = opened.file.measure.bind(opened.file);
      opened.file.measure = () => (measured++, measure());
      return Object.defineProperty(opened, "grows", { value: grows });
    };
    client.command(1, "play2", 0, null, SWITCH("other"));
    await read();
    assert.equal(measured, grows ? 1 : 0);
  }
});
