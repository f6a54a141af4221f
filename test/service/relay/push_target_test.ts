/** One target, whatever it does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeAmf, encodeAmf } from "../../support/amf0.ts";
import type { ScriptedServer } from "../../client/scripted_server.ts";
import { RelayRig } from "./relay_rig.ts";

/** The command objects that a server was sent in `connect`. */
const connects = ({ messages }: ScriptedServer) =>
  messages.map(({ type, payload }) => type === 20 ? decodeAmf(payload) : [])
    .filter(([name]) => name === "connect").map((values) => values[2] as Record<string, unknown>);

const media = ({ messages }: ScriptedServer, type: number) =>
  messages.filter((message) => message.type === type);

test("a target gets the headers, the media and its metadata in the form that servers store", async () => {
  const rig = new RelayRig();
  const server = rig.next();
  const publisher = rig.publish();
  publisher.setData("onMetaData", 0, metadata({ title: "a" }), 0);
  rig.target();
  await rig.settle();
  assert.equal(rig.only.state, "publishing");
  rig.push(publisher);
  await rig.settle();
  assert.equal(media(server, 9).length, 3);
  assert.equal(media(server, 8).length, 2);
  const [data] = media(server, 18);
  assert.deepEqual(decodeAmf(data!.payload).slice(0, 2), ["@setDataFrame", "onMetaData"]);
  const [connect] = connects(server);
  assert.equal(connect!.app, "app");
  assert.equal(connect!.sluiceVia, "0123456789abcdef");
});

test("metadata is changed where that is wanted, and left out", async () => {
  for (const wanted of [{ title: "b", secret: null }, false] as const) {
    const rig = new RelayRig();
    const server = rig.next();
    const publisher = rig.publish();
    publisher.setData("onMetaData", 0, metadata({ title: "a", secret: "x", width: 3 }), 0);
    rig.target(undefined, { metadata: wanted });
    await rig.settle();
    rig.push(publisher);
    await rig.settle();
    const data = media(server, 18).map(({ payload }) => decodeAmf(payload)[2]);
    assert.deepEqual(
      data.map((value) => ({ ...value as object })),
      wanted === false ? [] : [{ title: "b", width: 3 }],
    );
  }
});

test("a target that says nothing of Enhanced RTMP is not sent its codecs, and that is said", async () => {
  const rig = new RelayRig();
  const server = rig.next();
  const publisher = rig.publish();
  rig.target();
  await rig.settle();
  const hevc = (frame: number) => Uint8Array.of(0x80 | frame << 4, 0x68, 0x76, 0x63, 0x31, 1, 2, 3);
  rig.push(publisher, [hevc(1), hevc(2)]);
  await rig.settle();
  assert.deepEqual(rig.only.leftOut, ["video 0: hvc1"]);
  assert.ok(media(server, 9).every(({ payload }) => payload[0]! < 0x80));
  assert.ok(media(server, 8).length > 0, "sound goes on");
});

test("codecs that the operator names are sent, whatever the target says", async () => {
  const rig = new RelayRig();
  const server = rig.next();
  const publisher = rig.publish();
  rig.target(undefined, { codecs: ["hvc1"] });
  await rig.settle();
  rig.push(publisher, [Uint8Array.of(0x90, 0x68, 0x76, 0x63, 0x31, 1, 2, 3)]);
  await rig.settle();
  assert.ok(media(server, 9).some(({ payload }) => payload[0] === 0x90));
  assert.deepEqual(rig.only.leftOut, []);
});

test("a failure is followed by another attempt, later each time, and by none without a stream", async () => {
  const rig = new RelayRig();
  const publisher = rig.publish();
  rig.target();
  await rig.settle();
  assert.equal(rig.only.state, "retrying");
  assert.equal(rig.only.error?.kind, "dial");
  // By chance half of 1, 2 and 4 seconds.
  for (const [attempt, ms] of [[2, 500], [3, 1000], [4, 2000]] as const) {
    await rig.settle(ms - 1);
    assert.equal(rig.dialled.length, attempt - 1);
    await rig.settle(1);
    assert.equal(rig.dialled.length, attempt);
  }
  rig.hub.registry.unpublish(publisher, rig.clock.now());
  await rig.settle(60_000);
  assert.equal(rig.dialled.length, 4);
  assert.equal(rig.only.state, "waiting");
});

test("a target that takes nothing for long is given up, and tried again", async () => {
  const rig = new RelayRig();
  const server = rig.next();
  const publisher = rig.publish();
  rig.target();
  await rig.settle();
  server.connection.room = 0;
  rig.push(publisher);
  for (let second = 0; second < 8 && rig.only.error === undefined; second++) await rig.settle(1000);
  assert.equal(rig.only.error?.kind, "stalled");
  assert.ok(server.connection.closed);
  assert.ok(publisher.active, "the stream does not notice");
});

test("user and password are for the authentication of Adobe, and nothing of it is shown", async () => {
  const rig = new RelayRig();
  const servers = [rig.next("handshake"), rig.next("handshake"), rig.next()];
  const said = [
    "[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ",
    "[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=needauth&user=me&salt=S&challenge=C&opaque=O",
  ];
  servers.slice(0, 2).forEach((server, index) => {
    server.onCommand = (name, id) => {
      if (name !== "connect") return false;
      const code = "NetConnection.Connect.Rejected";
      server.command(0, "_error", id, null, { level: "error", code, description: said[index]! });
      return true;
    };
  });
  rig.publish();
  rig.target("rtmp://me:" + "hush-hush@target.test/app/key");
  for (let turn = 0; turn < 4; turn++) await rig.settle();
  assert.equal(rig.only.state, "publishing", JSON.stringify(rig.only));
  assert.equal(connects(servers[0]!)[0]!.app, "app");
  assert.equal(connects(servers[1]!)[0]!.app, "app?authmod=adobe&user=me");
  assert.match(
    String(connects(servers[2]!)[0]!.app),
    /^app\?authmod=adobe&user=me&challenge=[0-9a-f]{8}&response=.+&opaque=O$/,
  );
  assert.doesNotMatch(JSON.stringify(rig.only), /hush|key|me:/);
});

test("a refusal is repeated without what is secret", async () => {
  const rig = new RelayRig();
  const server = rig.next("createStream");
  server.onCommand = (name, _id, streamId) => {
    if (name !== "publish") return false;
    server.status(streamId, "error", "NetStream.Publish.Denied", {
      description: "Key my-stream-key with token abcdefgh is unknown",
    });
    return true;
  };
  rig.publish();
  rig.target("rtmp://target.test/app/my-stream-key?token=abcdefgh");
  await rig.settle();
  assert.equal(rig.only.error?.kind, "refused");
  assert.match(rig.only.error!.message, /NetStream\.Publish\.Denied: Key/);
  assert.doesNotMatch(JSON.stringify(rig.only), /my-stream-key|abcdefgh/);
});

test("a redirect is followed to where one may go, and not into a private network", async () => {
  for (
    const [to, kind] of [["rtmp://other.test/moved", undefined], [
      "rtmp://inside.test/x",
      "address",
    ]] as const
  ) {
    const rig = new RelayRig();
    const [first, second] = [rig.next("handshake"), rig.next()];
    first.onCommand = (_name, id) => {
      const code = "NetConnection.Connect.Rejected";
      first.command(0, "_error", id, null, {
        level: "error",
        code,
        ex: { code: 302, redirect: to },
      });
      return true;
    };
    rig.publish();
    rig.target();
    for (let turn = 0; turn < 3; turn++) await rig.settle();
    assert.equal(rig.only.error?.kind, kind);
    if (kind === undefined) {
      assert.equal(rig.only.url, "rtmp://other.test:1935/moved/***");
      assert.equal(connects(second)[0]!.app, "moved");
    } else assert.equal(rig.dialled.length, 1);
  }
});

test("a Reconnect Request is followed at once, and one that comes again and again is not", async () => {
  const rig = new RelayRig();
  const servers = Array.from({ length: 6 }, () => rig.next());
  const publisher = rig.publish();
  rig.target();
  await rig.settle();
  for (let count = 0; count < 4; count++) {
    const tcUrl = `rtmp://t${count}.test/app`;
    servers[count]!.status(0, "status", "NetConnection.Connect.ReconnectRequest", { tcUrl });
    for (let turn = 0; turn < 3; turn++) await rig.settle();
  }
  assert.equal(rig.dialled.length, 4);
  assert.equal(rig.only.state, "retrying");
  assert.equal(rig.only.error?.kind, "redirect");
  rig.push(publisher);
  await rig.settle(1000);
  assert.equal(rig.only.state, "publishing");
  assert.equal(rig.only.url, "rtmp://target.test:1935/app/***", "back to where it was told to go");
});

test("a target that takes nothing is given up in time, to the look", async () => {
  const rig = new RelayRig();
  const server = rig.next();
  const publisher = rig.publish();
  rig.target();
  await rig.settle();
  server.connection.block();
  rig.push(publisher);
  await rig.settle();
  // It was last seen to take something at the first look, after a second.
  for (let second = 0; second < 4; second++) await rig.settle(1000);
  await rig.settle(999);
  assert.equal(rig.only.state, "publishing");
  await rig.settle(1);
  assert.deepEqual(rig.only.error, {
    kind: "stalled",
    message: "The server took nothing for 4000 ms",
  });
});

test("Reconnect Requests are followed anew once a connection has lasted", async () => {
  const rig = new RelayRig();
  const servers = Array.from({ length: 6 }, () => rig.next());
  rig.publish();
  rig.target();
  await rig.settle();
  const ask = async (count: number) => {
    const tcUrl = `rtmp://t${count}.test/app`;
    servers[count]!.status(0, "status", "NetConnection.Connect.ReconnectRequest", { tcUrl });
    for (let turn = 0; turn < 3; turn++) await rig.settle();
  };
  for (let count = 0; count < 3; count++) await ask(count);
  for (let second = 0; second < 10; second++) await rig.settle(1000);
  await ask(3);
  assert.equal(rig.only.state, "publishing");
  await ask(4);
  assert.equal(rig.only.state, "publishing");
  assert.equal(rig.dialled.length, 6);
});

test("what a server says that nobody needs to know is counted", async () => {
  const rig = new RelayRig();
  const server = rig.next();
  rig.publish();
  rig.target();
  await rig.settle();
  server.message(7, 0, 0, Uint8Array.of(1));
  assert.equal(rig.only.oddMessages, 1);
});

test("there are no more targets than there may be", () => {
  const rig = new RelayRig();
  for (let count = 0; count < 3; count++) assert.ok(rig.target(`rtmp://t${count}.test/a/b`));
  assert.equal(
    rig.service.add({ app: "a", name: "b" }, { url: "rtmp://t.test/a/b" }, "api"),
    undefined,
  );
});

test("a stop says goodbye to every target", async () => {
  const rig = new RelayRig();
  const server = rig.next();
  rig.publish();
  rig.target();
  await rig.settle();
  const stopped = rig.service.stop(1000);
  await rig.settle(20);
  await rig.settle(2000);
  await stopped;
  assert.ok(server.takeCommands().some((command) => command.startsWith("deleteStream")));
  assert.ok(server.connection.closing);
});

function metadata(members: Record<string, string | number>): Uint8Array {
  return encodeAmf("onMetaData", members);
}

test("a target that was sent elsewhere is asked where it was told to go once its stream comes back", async () => {
  const rig = new RelayRig();
  const servers = Array.from({ length: 3 }, () => rig.next());
  const publisher = rig.publish();
  rig.target();
  await rig.settle();
  const tcUrl = "rtmp://elsewhere.test/app";
  servers[0]!.status(0, "status", "NetConnection.Connect.ReconnectRequest", { tcUrl });
  for (let turn = 0; turn < 3; turn++) await rig.settle();
  assert.equal(rig.only.url, "rtmp://elsewhere.test:1935/app/***");
  rig.hub.registry.unpublish(publisher, rig.clock.now());
  await rig.settle(60_000);
  assert.equal(rig.only.state, "waiting");
  assert.equal(rig.only.url, "rtmp://target.test:1935/app/***");
  rig.publish();
  await rig.settle();
  assert.equal(rig.only.state, "publishing");
  assert.equal(rig.only.url, "rtmp://target.test:1935/app/***");
});
