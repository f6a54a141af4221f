/** Publishes at an edge that wait for the word of the origin: several of one name, and whatever keeps that word away. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PublisherInfo } from "../../../src/hub/mod.ts";
import { ANSWER_MS, UNCLAIMED_MS } from "../../../src/service/relay/origin_claims.ts";
import type { ScriptedServer } from "../../client/scripted_server.ts";
import { decodeAmf } from "../../support/amf0.ts";
import { KEY, RelayRig } from "./relay_rig.ts";

const ORIGINS = ["rtmp://one.test:1/{app}/{name}"];
const OWNER: PublisherInfo = {
  sessionId: "s",
  address: "192.0.2.9:55",
  client: "test",
  since: 0,
  query: "token=right",
};
const OTHER: PublisherInfo = { ...OWNER, sessionId: "t", address: "192.0.2.7:1", query: "" };

/** Somebody asks whether he may publish; what is returned has the answer, once. */
function claim(rig: RelayRig, info: PublisherInfo = OWNER): (string | undefined)[] {
  const answers: (string | undefined)[] = [];
  rig.hub.claim(KEY, info, rig.clock.now(), (reason) => answers.push(reason));
  return answers;
}

/** An origin that lets in whose token is right. */
function origin(rig: RelayRig): ScriptedServer {
  const server = rig.next();
  server.onCommand = (name, _id, streamId) => {
    if (name !== "publish") return false;
    const said = server.messages.filter(({ type }) => type === 20)
      .map(({ payload }) => decodeAmf(payload)).find(([command]) => command === "publish")!;
    if (String(said[3]).endsWith("=right")) return false;
    server.status(streamId, "error", "NetStream.Publish.BadName", { description: "Who are you?" });
    return true;
  };
  return server;
}

async function published(): Promise<[RelayRig, ScriptedServer]> {
  const rig = new RelayRig({ origins: ORIGINS });
  const first = origin(rig);
  assert.deepEqual(claim(rig), []);
  await rig.settle();
  rig.publish();
  await rig.settle();
  assert.equal(rig.only.state, "publishing");
  return [rig, first];
}

test("two who come at once are asked about one after the other, and the refusal of one is no leave for the other", async () => {
  const rig = new RelayRig({ origins: ORIGINS });
  const servers = [origin(rig), origin(rig), origin(rig)];
  const answers = [
    claim(rig, { ...OWNER, query: "token=wrong" }),
    claim(rig, OTHER),
    claim(rig),
    claim(rig),
  ];
  assert.ok(answers.every(({ length }) => length === 0));
  for (let turn = 0; turn < 4; turn++) await rig.settle();
  assert.deepEqual(answers.map(([answer]) => answer?.replace(/.*: /, "")), [
    "Who are you?",
    "Who are you?",
    undefined,
    undefined,
  ]);
  assert.deepEqual(answers.map(({ length }) => length), [1, 1, 1, 1]);
  assert.equal(rig.dialled.length, 3, "who says the same as the one before is not asked about");
  assert.deepEqual(servers.map(({ connection }) => connection.closed), [true, true, false]);
});

test("who would take over is asked about too, and one that is refused changes nothing", async () => {
  const [rig, first] = await published();
  origin(rig);
  const answers = claim(rig, OTHER);
  await rig.settle();
  await rig.settle();
  assert.match(answers[0]!, /Who are you\?/);
  assert.equal(rig.only.state, "publishing");
  assert.equal(first.connection.closed, false);
});

test("who takes over has the stream at the origin too, and the one before lets it go", async () => {
  const [rig, first] = await published();
  const second = origin(rig);
  const answers = claim(rig, { ...OWNER, address: "192.0.2.7:1" });
  await rig.settle();
  assert.deepEqual(answers, [undefined]);
  await rig.settle();
  assert.equal(rig.only.state, "publishing");
  assert.deepEqual([first.connection.closed, second.connection.closed], [true, false]);
  rig.push(rig.publish());
  await rig.settle();
  assert.ok(second.messages.some(({ type }) => type === 9));
});

test("who takes over while the origin does not answer is let in, and what is there stays", async () => {
  const [rig, first] = await published();
  const answers = claim(rig, OTHER);
  await rig.settle();
  await rig.settle();
  assert.deepEqual(answers, [undefined]);
  assert.equal(rig.only.state, "publishing");
  assert.equal(first.connection.closed, false);
});

test("one that was let in without an answer is asked about when it comes again", async () => {
  const rig = new RelayRig({ origins: ORIGINS });
  assert.deepEqual(claim(rig, OTHER), []);
  await rig.settle();
  await rig.settle();
  rig.publish();
  await rig.settle();
  assert.equal(rig.only.state, "retrying");
  origin(rig);
  const answers = claim(rig, OTHER);
  await rig.settle();
  await rig.settle();
  assert.match(answers[0]!, /Who are you\?/);
});

test("an origin that is silent keeps nobody from publishing, and is gone back to", async () => {
  const rig = new RelayRig({ origins: ORIGINS, timeoutMs: 60_000 });
  const silent = rig.next("connect");
  const answers = claim(rig);
  await rig.pass(ANSWER_MS - 1);
  assert.deepEqual(answers, []);
  await rig.pass(1);
  assert.deepEqual(answers, [undefined], "before the hub refuses what nobody answers");
  rig.publish();
  await rig.pass(2 * UNCLAIMED_MS);
  assert.equal(rig.only.state, "connecting");
  origin(rig);
  silent.connection.hangUp();
  await rig.pass(2000);
  assert.equal(rig.only.state, "publishing");
});

test("who waits for an origin that was removed by its operator is let in at once", async () => {
  const rig = new RelayRig({ origins: ORIGINS });
  const { connection } = rig.next("connect");
  const answers = claim(rig);
  await rig.settle();
  assert.ok(rig.service.remove(rig.only.id));
  await rig.settle();
  assert.deepEqual(answers, [undefined]);
  assert.ok(connection.closed);
  assert.equal(rig.service.list().length, 0);
});

test("a query that is too long to be passed on is refused in words, and is no fault of ours", async () => {
  const rig = new RelayRig({ origins: ORIGINS });
  const query = `token=${"x".repeat(9000)}`;
  const answers = claim(rig, { ...OWNER, query });
  assert.match(answers[0]!, /^Cannot use a URL of \d+ characters, expected at most 8192$/);
  assert.deepEqual(rig.faults.list(), []);
  // As by a service that asks nobody.
  rig.hub.registry.publish(KEY, { ...OWNER, query }, { onRevoked() {} }, rig.clock.now());
  await rig.settle();
  assert.deepEqual(rig.faults.list(), []);
  assert.ok(rig.stream?.live);
});

test("a stop leaves nobody waiting, and no timer", async () => {
  const rig = new RelayRig({ origins: ORIGINS });
  const answers = [rig.next("connect"), rig.next("connect")].map(() => claim(rig));
  await rig.settle();
  rig.hub.shutdown();
  const stopped = rig.service.stop(1000);
  rig.hub.close();
  await rig.pass(500);
  await stopped;
  assert.deepEqual(answers.map(([answer]) => answer), [
    "The server is shutting down.",
    "The server is shutting down.",
  ]);
  assert.equal(rig.clock.pending, 0);
});
