/** Streams that other nodes of a cluster have, as they are pulled from there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { StreamKey } from "../../../src/hub/mod.ts";
import type { NodeSource } from "../../../src/service/relay/node_source.ts";
import type { RelaySettings } from "../../../src/service/relay/service.ts";
import type { ScriptedServer } from "../../client/scripted_server.ts";
import { decodeAmf } from "../../support/amf0.ts";
import { keyFrame, VIDEO_HEADER } from "../../support/media.ts";
import { KEY, RelayRig } from "./relay_rig.ts";

/** Relays in a cluster, whose nodes are asked by hand. */
class NodesRig extends RelayRig {
  /** What was asked for, and how it is answered. */
  readonly asked: { readonly key: StreamKey; answer(node?: NodeSource): Promise<void> }[];

  constructor(settings: Partial<RelaySettings> = {}) {
    const asked: NodesRig["asked"] = [];
    super(settings, undefined, {
      locate: (key) => {
        const { promise, resolve } = Promise.withResolvers<NodeSource | undefined>();
        asked.push({
          key,
          answer: async (node) => {
            resolve(node);
            await this.settle();
          },
        });
        return promise;
      },
    }, { reconnectWindowMs: 10_000 });
    this.asked = asked;
  }
}

const node = (host: string, pass = "secret"): NodeSource => ({
  url: `rtmp://${host}:1935/{app}/{name}`,
  pass,
});

const connected = (server: ScriptedServer) =>
  server.messages.filter(({ type }) => type === 20).map(({ payload }) => decodeAmf(payload))
    .find(([name]) => name === "connect")?.[2] as Record<string, unknown> | undefined;

/** A picture comes from a node. */
async function give(rig: RelayRig, server: ScriptedServer): Promise<void> {
  server.message(9, 1, 0, VIDEO_HEADER);
  server.message(9, 1, 0, keyFrame());
  await rig.settle();
}

test("what nobody publishes here is pulled from the node that has it, wherever that is, with its pass", async () => {
  const rig = new NodesRig();
  const server = rig.next();
  const watched = rig.want();
  assert.deepEqual(rig.asked.map(({ key }) => key), [KEY]);
  await rig.settle();
  assert.deepEqual(rig.dialled, [], "it is not known yet which");
  assert.deepEqual([rig.only.source, rig.only.state], ["cluster", "connecting"]);
  await rig.asked[0]!.answer(node("10.0.0.7"));
  assert.deepEqual(rig.dialled, ["10.0.0.7:1935"]);
  const told = connected(server);
  assert.deepEqual([told!.sluicePass, told!.sluiceVia], ["secret", "0123456789abcdef"]);
  assert.equal(told!.sluiceClient, undefined);
  assert.equal(rig.only.url, "rtmp://10.0.0.7:1935/live/***");
  await give(rig, server);
  assert.equal(watched.live, true);
  assert.equal(rig.stream?.publisher?.info.fromNode, true);
  assert.equal(rig.service.isPulled(rig.only.id), true);
  assert.equal(rig.service.isPulled("another"), false);
  assert.ok(!JSON.stringify(rig.only).includes("secret"));
});

test("what no node has is not there, and is asked for anew the next time", async () => {
  const rig = new NodesRig();
  const watched = rig.want();
  await rig.settle();
  assert.equal(watched.live, undefined);
  await rig.asked[0]!.answer();
  assert.equal(watched.live, false);
  assert.deepEqual([rig.dialled, rig.service.list()], [[], []]);
  rig.want();
  assert.equal(rig.asked.length, 2);
});

test("rules and origins go ahead of nodes, which are asked for the rest", async () => {
  const rig = new NodesRig({
    pull: [{ pattern: "live/cam", sources: ["rtmp://one.test:1/x/y"], always: false }],
  });
  rig.want();
  rig.want({ app: "live", name: "other" });
  await rig.settle();
  assert.deepEqual(rig.asked.map(({ key }) => key.name), ["other"]);
  assert.deepEqual(rig.dialled, ["8.8.8.8:1"]);
});

test("private addresses are dialled for nodes alone", async () => {
  const rig = new NodesRig({
    pull: [{ pattern: "live/cam", sources: ["rtmp://inside.test:1/x/y"], always: false }],
  });
  const watched = rig.want();
  rig.want({ app: "live", name: "other" });
  await rig.asked[0]!.answer(node("inside.test"));
  assert.equal(watched.live, false);
  assert.deepEqual(rig.dialled, ["10.0.0.1:1935"]);
});

test("a stream that moves goes on with the node that has it now, and those who watch stay", async () => {
  const rig = new NodesRig();
  const first = rig.next();
  rig.want();
  await rig.asked[0]!.answer(node("10.0.0.7", "one"));
  await give(rig, first);
  const { seen } = rig.play();
  const second = rig.next();
  rig.service.moved({ app: "live", name: "unknown" });
  await rig.asked[1]!.answer();
  assert.equal(first.connection.closing, undefined);
  rig.service.moved(KEY);
  await rig.settle();
  assert.equal(first.connection.closing, "end");
  assert.equal(rig.asked.length, 3);
  await rig.asked[2]!.answer(node("10.0.0.8", "two"));
  await give(rig, second);
  assert.deepEqual(rig.dialled, ["10.0.0.7:1935", "10.0.0.8:1935"]);
  assert.equal(connected(second)!.sluicePass, "two");
  assert.equal(rig.only.state, "playing");
  assert.equal(rig.stream?.playerCount, 1);
  assert.deepEqual([seen.started, seen.ended], [1, []]);
});

test("the answer about a stream that moved meanwhile is of no use", async () => {
  const rig = new NodesRig();
  rig.want();
  rig.service.moved(KEY);
  assert.equal(rig.asked.length, 2);
  await rig.asked[0]!.answer(node("10.0.0.7"));
  assert.deepEqual(rig.dialled, []);
  await rig.asked[1]!.answer(node("10.0.0.8"));
  assert.deepEqual(rig.dialled, ["10.0.0.8:1935"]);
});

test("a stream that is waited for is pulled once a node has it, and without nodes nothing is", async () => {
  const rig = new NodesRig();
  rig.service.moved(KEY);
  assert.deepEqual(rig.asked.map(({ key }) => key), [KEY]);
  const alone = new RelayRig({ origins: ["rtmp://one.test:1/{app}/{name}"] });
  alone.service.moved(KEY);
  await alone.settle();
  assert.deepEqual([alone.dialled, alone.service.list()], [[], []]);
});

test("what is pulled from elsewhere does not begin anew as another node has it", async () => {
  const rig = new NodesRig({
    pull: [{ pattern: "live/cam", sources: ["rtmp://one.test:1/x/y"], always: true }],
  });
  const server = rig.next();
  await rig.settle();
  await give(rig, server);
  rig.service.moved(KEY);
  await rig.settle();
  assert.equal(server.connection.closing, undefined);
  assert.deepEqual([rig.asked, rig.dialled], [[], ["8.8.8.8:1"]]);
});

test("a name that nobody has any more is over for those who watch, and not tried again", async () => {
  const rig = new NodesRig();
  const server = rig.next();
  rig.want();
  await rig.asked[0]!.answer(node("10.0.0.7"));
  await give(rig, server);
  rig.play();
  server.connection.hangUp();
  await rig.pass(1000);
  assert.equal(rig.asked.length, 2);
  assert.equal(rig.only.state, "connecting");
  await rig.asked[1]!.answer();
  assert.deepEqual(rig.service.list(), []);
  assert.equal(rig.stream?.publisher, undefined);
  await rig.pass(5000);
  assert.equal(rig.asked.length, 2);
});

test("those who watch wait for whoever has a stream that was lost so long, and no longer", async () => {
  const rig = new NodesRig();
  const server = rig.next();
  rig.want();
  await rig.asked[0]!.answer(node("10.0.0.7"));
  await give(rig, server);
  rig.play();
  await rig.pass(2000);
  server.message(9, 1, 40, keyFrame());
  server.connection.hangUp();
  await rig.pass(14_500);
  assert.equal(rig.asked.length, 2, "which is asked for, and not known");
  assert.notEqual(rig.stream?.publisher, undefined);
  await rig.pass(2000);
  assert.equal(rig.stream?.publisher, undefined);
});

test("whoever is about to publish here has the pull give way, and those who watch wait for that", async () => {
  const rig = new NodesRig();
  const server = rig.next();
  rig.want();
  await rig.asked[0]!.answer(node("10.0.0.7"));
  await give(rig, server);
  const { seen } = rig.play();
  rig.service.giveWay({ app: "live", name: "other" });
  assert.equal(rig.service.list().length, 1);
  rig.service.giveWay(KEY);
  await rig.settle();
  assert.deepEqual(rig.service.list(), []);
  assert.equal(server.connection.closing, "end");
  rig.publish();
  await rig.settle();
  assert.equal(rig.stream?.playerCount, 1);
  assert.deepEqual([seen.started, seen.ended], [1, []]);
});

test("a closed pull does not begin by an answer that comes late", async () => {
  const rig = new NodesRig();
  rig.want();
  rig.service.giveWay(KEY);
  await rig.asked[0]!.answer(node("10.0.0.7"));
  assert.deepEqual(rig.dialled, []);
});

test("what another node says of itself may be no URL: then it has nothing", async () => {
  const answers = [
    "nonsense",
    "rtmp://",
    "rtmp://one.test:0",
    "rtmpt://one.test",
    `rtmp://${"x".repeat(300)}`,
  ];
  for (const answer of answers) {
    const rig = new NodesRig();
    const watched = rig.want();
    await rig.asked[0]!.answer({ url: `${answer}/{app}/{name}`, pass: "secret" });
    await rig.settle();
    assert.equal(watched.live, false, answer);
    assert.equal(rig.dialled.length, 0, answer);
    assert.deepEqual([rig.service.list().length, rig.faults.list().length], [0, 0], answer);
  }
});
