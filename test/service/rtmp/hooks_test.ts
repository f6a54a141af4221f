/** Plugins in the way of clients: what a client sees of their decisions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { asRecord, decodeAmf0, encodeAmf0 } from "../../../src/core/amf/mod.ts";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import { type Plugin, refuse, rename } from "../../../src/plugin/mod.ts";
import { publicNameOf } from "../../../src/service/rtmp/attachment.ts";
import { keyFrame, VIDEO_HEADER } from "../../support/media.ts";
import { Rig, type RigClient, settle } from "../../support/rtmp_service.ts";

const { Video, Audio } = MessageType;

/** A plugin of these hooks. */
const plugin = (hooks: Partial<Plugin>): Plugin => ({ name: "gate", ...hooks });

/** Code and description of the last status or error that a client was sent. */
function verdict(client: RigClient): string {
  const info = asRecord(decodeAmf0(client.takeMessages().at(-1)!.payload)[3])!;
  return `${info.get("code")}: ${info.get("description")}`;
}

/** A promise that a test keeps when it likes. */
function later<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((keep) => resolve = keep);
  return { promise, resolve };
}

test("a refused connect is told the reason, and the connection ends", async () => {
  for (
    const onConnect of [() => refuse("Not today."), () => Promise.resolve(refuse("Not today."))]
  ) {
    const rig = new Rig({}, plugin({ onConnect }));
    const client = rig.client().shake();
    client.connect();
    await settle();
    assert.equal(verdict(client), "NetConnection.Connect.Rejected: Not today.");
    assert.equal(client.connection.closing, "end");
    await settle();
    assert.equal(rig.service.sessions.size, 0);
    assert.deepEqual(rig.takeTold(), [], "whoever was not let in does not leave");
  }
});

test("a refused publish or play is told the reason, and the connection stays", async () => {
  const hooks = { onPublish: () => refuse("No key."), onPlay: () => refuse("No ticket.") };
  const slowly = {
    onPublish: async () => await hooks.onPublish(),
    onPlay: async () => await hooks.onPlay(),
  };
  for (const gate of [hooks, slowly]) {
    const rig = new Rig({}, plugin(gate));
    const client = rig.client().connected();
    client.publish(1, "test");
    await settle();
    assert.equal(verdict(client), "NetStream.Publish.Denied: No key.");
    client.play(1, "test");
    await settle();
    assert.equal(verdict(client), "NetStream.Play.Failed: No ticket.");
    client.command(0, "_checkbw", 9, null);
    assert.deepEqual(client.take(), ["0 _result 9 null undefined"]);
    assert.equal(rig.registry.size, 0);
    assert.deepEqual(rig.takeTold(), []);
  }
});

test("nothing says Publish.Start before the plugins have decided", async () => {
  const decision = later<void>();
  const rig = new Rig({}, plugin({ onPublish: () => decision.promise }));
  const client = rig.client().connected();
  client.publish(1, "test");
  client.message(Video, 1, 0, VIDEO_HEADER);
  await settle();
  assert.deepEqual(client.take(), []);
  assert.ok(client.connection.paused, "and nothing is read");
  assert.equal(rig.registry.size, 0);
  decision.resolve();
  await settle();
  assert.deepEqual(client.codes(), ["NetStream.Publish.Start"]);
  assert.ok(!client.connection.paused);
  const player = rig.player();
  client.message(Video, 1, 0, keyFrame(100, 5));
  assert.equal(player.media().length, 2, "what came meanwhile is not lost");
});

test("a renamed publish is found under its new name alone, also when it ends", () => {
  const gate = plugin({ onPublish: ({ name }) => rename(`public-${name.length}`) });
  const rig = new Rig({ playWaitMs: 0 }, gate);
  const publisher = rig.publisher("secret");
  assert.deepEqual(rig.registry.list().map(({ name }) => name), ["public-6"]);
  assert.deepEqual(rig.player("secret").codes(), ["NetStream.Play.StreamNotFound"]);
  assert.deepEqual(rig.player("public-6").codes(), [
    "NetStream.Play.Reset",
    "NetStream.Play.Start",
  ]);
  assert.equal(publicNameOf(publisher.session.core.streams.get(1)!), "public-6");
  publisher.command(0, "FCUnpublish", 9, null, "secret");
  assert.equal(publisher.codes().at(-1), "NetStream.Unpublish.Success");
  assert.deepEqual(rig.takeTold().sort(), [
    "stop public-6 unpublished",
    "unpublish public-6 client",
  ]);
});

test("a renamed play plays another stream", () => {
  const rig = new Rig({}, plugin({ onPlay: () => rename("test") }));
  const publisher = rig.publisher("test");
  const player = rig.player("ticket-17");
  publisher.message(Video, 1, 0, keyFrame(100, 6));
  assert.deepEqual(player.media(), ["9 0 6"]);
});

test("a hook that throws, rejects or answers junk refuses, and says nothing of its fault", async () => {
  const junk = [
    () => {
      throw new Error("secret path");
    },
    () => Promise.reject(new Error("secret path")),
    () => 7,
    () => false,
    () => null,
    () => rename("../../etc"),
  ];
  for (const hook of junk) {
    const rig = new Rig({}, plugin({ onPublish: hook as Plugin["onPublish"] }));
    const client = rig.client().connected();
    client.publish(1, "test");
    await settle();
    assert.equal(verdict(client), "NetStream.Publish.Denied: Refused by the server");
    assert.equal(rig.faults.length, 1);
    assert.equal(rig.registry.size, 0);
  }
});

test("a hook that does not answer in time refuses, and its late answer is nothing", async () => {
  const decision = later<void>();
  const rig = new Rig({ hookTimeoutMs: 3000 }, plugin({ onPublish: () => decision.promise }));
  const client = rig.client().connected();
  client.publish(1, "test");
  rig.clock.advance(2900);
  await settle();
  assert.deepEqual(client.take(), []);
  rig.clock.advance(200);
  await settle();
  assert.equal(verdict(client), "NetStream.Publish.Denied: Refused by the server");
  decision.resolve();
  await settle();
  assert.deepEqual(client.take(), []);
  assert.equal(rig.registry.size, 0);
});

test("a slow hook holds up its own session and no other", async () => {
  const decision = later<void>();
  const gate = plugin({ onPublish: ({ name }) => name === "slow" ? decision.promise : undefined });
  const rig = new Rig({}, gate);
  const slow = rig.client().connected();
  slow.publish(1, "slow");
  const publisher = rig.publisher("quick");
  const player = rig.player("quick");
  publisher.message(Video, 1, 0, keyFrame(100, 1));
  assert.deepEqual(player.media(), ["9 0 1"]);
  assert.deepEqual(slow.take(), []);
  decision.resolve();
  await settle();
  assert.deepEqual(slow.codes(), ["NetStream.Publish.Start"]);
});

test("while one request is decided a play that already runs goes on", async () => {
  const decision = later<void>();
  const rig = new Rig(
    {},
    plugin({ onPublish: ({ name }) => name === "slow" ? decision.promise : undefined }),
  );
  const publisher = rig.publisher("other");
  const client = rig.client().connected(2);
  client.play(1, "other");
  client.publish(2, "slow");
  client.take();
  publisher.message(Video, 1, 0, keyFrame(100, 1));
  assert.deepEqual(client.media(), ["9 0 1"]);
  decision.resolve();
  await settle();
  assert.deepEqual(client.codes(), ["NetStream.Publish.Start"]);
});

test("nothing is read between two decisions that follow each other", async () => {
  const decisions = [later<void>(), later<void>()];
  let asked = 0;
  const rig = new Rig({}, plugin({ onPublish: () => decisions[asked++]!.promise }));
  const client = rig.client().connected(2);
  client.write(Uint8Array.from([
    ...client.encode(MessageType.CommandAmf0, 1, 0, command("publish", "one")),
    ...client.encode(MessageType.CommandAmf0, 2, 0, command("publish", "two")),
  ]));
  decisions[0]!.resolve();
  await settle();
  assert.equal(asked, 2);
  assert.ok(client.connection.paused, "the second is being decided");
  for (let index = 0; index < 100; index++) client.message(Audio, 1, index, new Uint8Array(50_000));
  assert.equal(client.session.core.phase, "connected");
  decisions[1]!.resolve();
  await settle();
  assert.ok(!client.connection.paused);
  assert.deepEqual(client.codes(), ["NetStream.Publish.Start", "NetStream.Publish.Start"]);
  assert.equal(rig.registry.get({ app: "live", name: "one" })!.stats.audioFrames, 100);
});

test("a client that leaves while it is decided about publishes nothing", async () => {
  for (const leave of ["hang up", "kick"]) {
    const decision = later<void>();
    const rig = new Rig({}, plugin({ onPublish: () => decision.promise }));
    const client = rig.client().connected();
    client.publish(1, "test");
    if (leave === "kick") client.session.end("kicked");
    else client.connection.hangUp();
    await settle();
    decision.resolve();
    await settle();
    assert.equal(rig.registry.size, 0);
    const farewell = leave === "kick" ? ["NetConnection.Connect.Closed"] : [];
    assert.deepEqual(client.codes(), farewell);
    assert.deepEqual(rig.takeTold(), [
      `disconnect ${leave === "kick" ? "kicked" : "disconnected"}`,
    ]);
  }
});

test("while the plugins decide no deadline passes, however long they take", async () => {
  const decision = later<void>();
  const gate = plugin({ onConnect: () => decision.promise });
  const rig = new Rig({ hookTimeoutMs: 600_000, idleTimeoutMs: 5000, publishIdleMs: 4000 }, gate);
  const client = rig.client().shake();
  client.connect();
  rig.clock.advance(100_000);
  await settle();
  assert.equal(client.session.core.phase, "connect");
  decision.resolve();
  await settle();
  rig.clock.advance(1000);
  assert.equal(client.session.core.phase, "connected", "and its idle time starts with the answer");
});

test("plugins are told who asks, for what, and with which query", () => {
  const seen: unknown[] = [];
  const rig = new Rig(
    {},
    plugin({
      onPublish: ({ app, name, type, query, client, sessionId, rtmp, http }) => {
        const parameters = Object.fromEntries(query);
        const { tcUrl, capabilities: { enhanced, capsEx } } = rtmp!;
        const id = typeof sessionId;
        seen.push({ app, name, type, parameters, tcUrl, client, enhanced, capsEx, id, http });
      },
    }),
  );
  const client = rig.client().shake();
  client.connect("live/deep?a=1", { flashVer: "FMLE/3.0", capsEx: 3 });
  client.command(0, "createStream", 2, null);
  client.command(1, "publish", 3, null, "test?b=2&a=3", "RECORD");
  assert.deepEqual(seen, [{
    app: "live/deep",
    name: "test",
    type: "record",
    parameters: { b: "2", a: "3" },
    tcUrl: "rtmp://host/live/deep?a=1",
    client: {
      protocol: "rtmp",
      secure: false,
      address: { hostname: "192.0.2.1", port: 4000 },
      agent: "FMLE/3.0",
    },
    enhanced: true,
    capsEx: 3,
    id: "string",
    http: undefined,
  }]);
});

/** A command with a name for its argument. */
function command(name: string, stream: string): Uint8Array {
  return encodeAmf0(name, 0, null, stream);
}
