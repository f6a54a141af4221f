/** One stream that is pulled, whatever its sources do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RelaySettings } from "../../../src/service/relay/service.ts";
import type { ScriptedServer } from "../../client/scripted_server.ts";
import { decodeAmf } from "../../support/amf0.ts";
import { interFrame, keyFrame, VIDEO_HEADER } from "../../support/media.ts";
import { KEY, RelayRig } from "./relay_rig.ts";

const ONE = "rtmp://one.test/a/{name}";
const TWO = "rtmp://two.test:1936/b/{app}-{name}";

function rigOf(
  sources: readonly string[],
  { always = false, ...settings }: Partial<RelaySettings> & { always?: boolean } = {},
): RelayRig {
  const pattern = always ? "live/cam" : "live/*";
  const rig = new RelayRig({ pull: [{ pattern, sources, always }], ...settings });
  // A server has run for a while before anybody comes.
  rig.clock.advance(1000);
  return rig;
}

/** What a source sends: a header and some pictures. */
function send(server: ScriptedServer, ...pictures: Uint8Array[]): void {
  for (const payload of [VIDEO_HEADER, ...pictures]) server.message(9, 1, 0, payload);
}

/** Counts what a server sends from now on (bytes). */
function counted(server: ScriptedServer): () => number {
  const { connection } = server;
  const deliver = connection.deliver.bind(connection);
  let bytes = 0;
  connection.deliver = (more) => {
    bytes += more.length;
    deliver(more);
  };
  return () => bytes;
}

const commandsOf = ({ messages }: ScriptedServer, name: string) =>
  messages.filter(({ type }) => type === 20).map(({ payload }) => decodeAmf(payload))
    .filter(([said]) => said === name);

test("a stream that is asked for is pulled once, and published as it comes", async () => {
  const rig = rigOf([ONE]);
  const server = rig.next();
  const delivered = counted(server);
  const asked = [rig.want(), rig.want()];
  const { seen } = rig.play();
  await rig.settle();
  assert.deepEqual(rig.dialled, ["8.8.8.8:1935"]);
  assert.deepEqual(commandsOf(server, "play")[0]!.slice(3, 4), ["cam"]);
  const [connect] = commandsOf(server, "connect");
  assert.equal((connect![2] as Record<string, unknown>).sluiceVia, "0123456789abcdef");
  const { error, since, ...before } = rig.only;
  assert.deepEqual([error, since], [undefined, undefined]);
  assert.deepEqual({ ...before, id: "", bytes: 0 }, {
    id: "",
    direction: "pull",
    ...KEY,
    url: "rtmp://one.test:1935/a/***",
    source: "settings",
    state: "connecting",
    bitrate: 0,
    bytes: 0,
    droppedFrames: 0,
    oddMessages: 0,
    failures: 0,
    leftOut: [],
  });
  assert.ok(asked.every(({ live }) => live === undefined), "not there before the first media");
  send(server, keyFrame());
  assert.ok(asked.every(({ live }) => live === true));
  assert.equal(seen.started, 1);
  assert.equal(rig.only.state, "playing");
  assert.equal(rig.only.since, rig.clock.wall());
  const info = rig.stream!.publisher!.info;
  assert.equal(info.sessionId, rig.only.id);
  assert.equal(info.address, "192.0.2.1:4000");
  assert.equal(info.client, "pull from rtmp://one.test:1935/a/***");
  assert.equal(rig.stream!.stats.videoFrames, 2);
  assert.equal(rig.only.bytes, delivered());
  await rig.pass(3000);
  send(server, keyFrame());
  await rig.pass(3000);
  assert.equal(rig.dialled.length, 1);
});

test("the bit rate is that of sound and pictures", async () => {
  const rig = rigOf([ONE], { always: true });
  const server = rig.next();
  await rig.settle();
  for (let second = 0; second < 10; second++) {
    server.message(9, 1, second * 1000, keyFrame(1000));
    server.message(8, 1, second * 1000, keyFrame(500));
    await rig.settle(1000);
  }
  const { videoRate, audioRate } = rig.stream!.stats;
  assert.ok(videoRate.perSecond > 900 && audioRate.perSecond > 400);
  assert.equal(rig.only.bitrate, Math.round((videoRate.perSecond + audioRate.perSecond) * 8));
});

test("when no source has it, whoever asked is told, and nothing is left", async () => {
  const rig = rigOf([ONE, TWO]);
  const asked = rig.want();
  await rig.settle();
  await rig.settle();
  assert.deepEqual(rig.dialled, ["8.8.8.8:1935", "8.8.8.8:1936"]);
  assert.equal(asked.live, false);
  assert.equal(rig.service.list().length, 0);
  assert.equal(rig.stream, undefined);
  rig.want();
  await rig.settle();
  assert.equal(rig.dialled.length > 2, true, "asked again it is tried again");
});

test("the next source takes over when one ends, and players stay", async () => {
  const rig = rigOf([ONE, TWO]);
  const [first, second] = [rig.next(), rig.next()];
  const sent = [counted(first), counted(second)];
  rig.want();
  const { seen } = rig.play();
  await rig.settle();
  send(first, keyFrame(), interFrame());
  first.connection.hangUp();
  await rig.settle();
  assert.equal(rig.only.error?.kind, "closed");
  assert.equal(rig.only.failures, 1);
  assert.equal(rig.only.since, undefined);
  assert.equal(rig.only.state, "connecting");
  assert.equal(rig.only.url, "rtmp://two.test:1936/b/***");
  assert.deepEqual(commandsOf(second, "play")[0]![3], "live-cam");
  assert.equal(rig.only.bytes, sent[0]!() + sent[1]!());
  assert.ok(rig.stream!.live, "players stay meanwhile");
  send(second, interFrame());
  assert.equal(rig.only.state, "playing");
  assert.equal(rig.only.error, undefined);
  assert.equal(rig.only.failures, 1, "until the next one has lasted");
  assert.equal(rig.stream!.publisher!.info.client, "pull from rtmp://two.test:1936/b/***");
  assert.equal(rig.only.bytes, sent[0]!() + sent[1]!());
  assert.deepEqual(seen.ended, []);
  // What the first one still has to say is of no use.
  first.message(9, 1, 0, keyFrame());
  assert.equal(rig.stream!.stats.videoFrames, 2);
  for (let passed = 0; passed < 10_000; passed += 1000) {
    assert.equal(rig.only.failures, 1);
    second.message(9, 1, passed, interFrame());
    await rig.pass(1000);
  }
  assert.equal(rig.only.failures, 0);
  second.connection.hangUp();
  await rig.settle();
  assert.equal(rig.dialled[2], "8.8.8.8:1935", "round and round");
});

test("while no source gives anything players stay for 15 seconds, and attempts go on", async () => {
  const rig = rigOf([ONE], { idleMs: 60_000 });
  const server = rig.next();
  const { seen } = rig.play();
  await rig.settle();
  send(server, keyFrame());
  await rig.pass(2000);
  server.connection.hangUp();
  await rig.settle();
  assert.equal(rig.only.state, "retrying");
  // By chance half of 0.5, 1, 2 and then of 3 seconds.
  for (
    const [ms, dials] of [
      ...[[249, 1], [1, 2], [499, 2], [1, 3], [999, 3], [1, 4]],
      ...[[1499, 4], [1, 5], [1499, 5], [1, 6]],
    ] as const
  ) {
    await rig.settle(ms);
    assert.equal(rig.dialled.length, dials, `${ms}`);
  }
  await rig.pass(10_000);
  assert.ok(rig.stream!.live);
  assert.deepEqual(seen.ended, []);
  await rig.pass(1000);
  assert.equal(rig.stream, undefined);
  assert.deepEqual(seen.ended, ["unpublished"]);
  await rig.pass(2000);
  assert.equal(rig.service.list().length, 0, "and nobody has it");
});

test("a source that says it plays and sends nothing is none", async () => {
  const rig = rigOf([ONE, TWO], { idleMs: 60_000 });
  const [first, second] = [rig.next(), rig.next()];
  const asked = rig.want();
  await rig.settle();
  await rig.pass(3500);
  assert.equal(rig.dialled.length, 1);
  await rig.pass(500);
  await rig.settle();
  assert.equal(rig.only.error?.kind, "stalled");
  assert.ok(first.connection.closed);
  assert.equal(rig.dialled.length, 2);
  assert.equal(asked.live, undefined);
  send(second, keyFrame());
  assert.equal(asked.live, true);
  await rig.pass(3500);
  assert.ok(!second.connection.closed);
});

test("what nobody watches is dropped in time, and what is always pulled is not", async () => {
  for (const always of [false, true]) {
    const rig = rigOf([ONE], { always, idleMs: 3000, stallMs: 60_000 });
    const server = rig.next();
    const asked = always ? undefined : rig.want();
    await rig.settle();
    send(server, keyFrame());
    asked?.cancel?.();
    await rig.pass(2500);
    const { player } = rig.play();
    await rig.pass(5000);
    assert.equal(rig.only.state, "playing", "somebody watches");
    rig.hub.registry.stopPlaying(player);
    await rig.pass(2000);
    assert.equal(rig.only.state, "playing");
    await rig.pass(2000);
    assert.equal(rig.service.list().length, always ? 1 : 0);
    assert.equal(server.connection.closing, always ? undefined : "end");
    assert.equal(rig.stream?.live ?? false, always);
  }
});

test("a tap watches as a player does, and a target that reads the stream does not", async () => {
  const rig = rigOf([ONE], { idleMs: 2000, stallMs: 60_000 });
  const server = rig.next();
  rig.want();
  await rig.settle();
  send(server, keyFrame());
  const untap = rig.stream!.tap({ stays: true, onFrame() {} }, 0);
  await rig.pass(5000);
  const pull = () => rig.service.list().find((one) => one.describe().direction === "pull");
  assert.ok(pull());
  rig.next();
  rig.target();
  await rig.settle();
  untap();
  await rig.pass(3000);
  assert.equal(pull(), undefined);
});

test("a name that somebody publishes here is not taken from him", async () => {
  const rig = rigOf([ONE], { always: true });
  const publisher = rig.publish();
  const server = rig.next();
  await rig.settle();
  send(server, keyFrame());
  await rig.settle();
  assert.equal(rig.only.error?.kind, "refused");
  assert.equal(rig.only.state, "retrying");
  assert.ok(publisher.active && server.connection.closed);
});

test("who takes the name over ends a pull on demand, and one that is always pulled waits", async () => {
  for (const always of [false, true]) {
    const rig = rigOf([ONE], { always });
    const server = rig.next();
    if (!always) rig.want();
    await rig.settle();
    send(server, keyFrame());
    const publisher = rig.publish();
    await rig.settle();
    assert.ok(server.connection.closed || server.connection.closing === "end");
    if (!always) assert.equal(rig.service.list().length, 0);
    else {
      assert.deepEqual(rig.only.error, {
        kind: "refused",
        message: "Another publisher has taken over.",
      });
      assert.equal(rig.only.state, "retrying");
      await rig.settle(2999);
      assert.equal(rig.dialled.length, 1);
      await rig.settle(1);
      assert.equal(rig.dialled.length, 2);
    }
    assert.ok(publisher.active);
  }
});

test("a stop of the hub ends every pull", async () => {
  const rig = rigOf([ONE], { always: true });
  const server = rig.next();
  await rig.settle();
  send(server, keyFrame());
  rig.hub.shutdown();
  await rig.settle();
  assert.equal(rig.service.list().length, 0);
  assert.equal(server.connection.closing, "end");
  await rig.pass(5000);
  assert.equal(rig.dialled.length, 1);
});

test("a Reconnect Request is followed while sources do not only send on", async () => {
  const rig = rigOf([ONE], { always: true });
  const servers = Array.from({ length: 7 }, () => rig.next());
  await rig.settle();
  send(servers[0]!, keyFrame());
  for (let count = 0; count < 5; count++) {
    const tcUrl = `rtmp://t${count}.test/moved`;
    servers[count]!.status(0, "status", "NetConnection.Connect.ReconnectRequest", { tcUrl });
    for (let turn = 0; turn < 3; turn++) await rig.settle();
  }
  assert.equal(rig.dialled.length, 5, "four times, without anything in between");
  assert.equal(rig.only.url, "rtmp://t3.test:1935/moved/***");
  assert.equal(commandsOf(servers[4]!, "play").length, 1);
  assert.equal(servers[0]!.connection.closing, "end");
  send(servers[4]!, keyFrame());
  assert.equal(rig.only.state, "playing");
});

test("who watches stays for 15 seconds when a source sends on to one that gives nothing", async () => {
  const rig = rigOf([ONE], { always: true, stallMs: 60_000 });
  const servers = [rig.next(), rig.next()];
  const { seen } = rig.play();
  await rig.settle();
  send(servers[0]!, keyFrame());
  await rig.pass(3000);
  const tcUrl = "rtmp://other.test/moved";
  servers[0]!.status(0, "status", "NetConnection.Connect.ReconnectRequest", { tcUrl });
  for (let turn = 0; turn < 3; turn++) await rig.settle();
  assert.equal(commandsOf(servers[1]!, "play").length, 1);
  await rig.pass(14_000);
  assert.ok(rig.stream!.live);
  assert.deepEqual(seen.ended, []);
  await rig.pass(2000);
  assert.deepEqual(seen.ended, ["unpublished"]);
});
