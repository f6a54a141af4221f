/** What is published to an edge goes to its origin, which has a say in it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PublisherInfo } from "../../../src/hub/mod.ts";
import type { ScriptedServer } from "../../client/scripted_server.ts";
import { decodeAmf } from "../../support/amf0.ts";
import { KEY, RelayRig } from "./relay_rig.ts";

const ORIGINS = ["rtmp://one.test:1/{app}/{name}", "rtmp://two.test:2/{app}/{name}"];
const INFO: PublisherInfo = {
  sessionId: "s",
  address: "192.0.2.9:55",
  client: "test",
  since: 0,
  query: "token=abcdef",
  via: ["00000000000000aa"],
};

const commands = ({ messages }: ScriptedServer, name: string) =>
  messages.filter(({ type }) => type === 20).map(({ payload }) => decodeAmf(payload))
    .filter(([said]) => said === name);

/** Somebody asks whether he may publish; `decided` has the answer. */
function claim(
  rig: RelayRig,
  info: PublisherInfo = INFO,
): { readonly answers: (string | undefined)[] } {
  const answers: (string | undefined)[] = [];
  rig.hub.claim(KEY, info, rig.clock.now(), (reason) => answers.push(reason));
  return { answers };
}

function refusing(server: ScriptedServer): void {
  server.onCommand = (name, _id, streamId) => {
    if (name !== "publish") return false;
    server.status(streamId, "error", "NetStream.Publish.BadName", { description: "It is taken" });
    return true;
  };
}

test("a publish waits until the origin lets it, and is published there with what its client said", async () => {
  const rig = new RelayRig({ origins: ORIGINS });
  const server = rig.next();
  const { answers } = claim(rig);
  assert.deepEqual(answers, []);
  await rig.settle();
  assert.deepEqual(answers, [undefined]);
  assert.deepEqual(rig.dialled, ["8.8.8.8:1"]);
  const object = commands(server, "connect")[0]![2] as Record<string, unknown>;
  assert.equal(object.app, "live");
  assert.equal(object.sluiceClient, "192.0.2.9");
  assert.equal(object.sluiceVia, "00000000000000aa,0123456789abcdef");
  assert.equal(commands(server, "publish")[0]![3], "cam?token=abcdef");
  const publisher = rig.publish();
  await rig.settle();
  assert.equal(rig.only.source, "origin");
  assert.equal(rig.only.state, "publishing");
  rig.push(publisher);
  await rig.settle();
  assert.equal(server.messages.filter(({ type }) => type === 9).length, 3);
  assert.equal(rig.dialled.length, 1, "once for the question and the stream");
  // It stays behind the time that it would have waited for the stream.
  await rig.pass(6000);
  assert.equal(rig.only.state, "publishing");
});

test("what the origin refuses is refused, in its words, and nothing is left", async () => {
  const rig = new RelayRig({ origins: ORIGINS });
  const server = rig.next("createStream");
  refusing(server);
  const { answers } = claim(rig);
  await rig.settle();
  await rig.settle();
  assert.equal(answers.length, 1);
  assert.match(answers[0]!, /BadName: It is taken/);
  assert.equal(rig.service.list().length, 0);
  assert.equal(rig.dialled.length, 1, "the second origin is not asked what the first one refused");
});

test("an origin that is not there keeps nobody from publishing, and the next one is tried first", async () => {
  const rig = new RelayRig({ origins: ORIGINS });
  const { answers } = claim(rig);
  await rig.settle();
  await rig.settle();
  assert.deepEqual(rig.dialled.slice(0, 2), ["8.8.8.8:1", "8.8.8.8:2"]);
  assert.deepEqual(answers, [undefined]);
  const publisher = rig.publish();
  const server = rig.next();
  await rig.settle(1000);
  rig.push(publisher);
  await rig.settle();
  assert.equal(rig.only.state, "publishing");
  assert.equal(server.messages.filter(({ type }) => type === 9).length, 3);
});

test("a connection for a stream that does not come is given up", async () => {
  const rig = new RelayRig({ origins: ORIGINS });
  const server = rig.next();
  claim(rig);
  await rig.settle();
  await rig.pass(4500);
  assert.equal(rig.service.list().length, 1);
  await rig.pass(500);
  assert.equal(rig.service.list().length, 0);
  assert.equal(server.connection.closing, "end");
});

test("where there are as many relays as there may be a publish is refused", () => {
  const rig = new RelayRig({ origins: ORIGINS, maxTargets: 0 });
  const { answers } = claim(rig);
  assert.deepEqual(answers, ["The server has as many relays as it may have."]);
});

test("a second publisher of the name is asked for anew only where the origin has none of ours", async () => {
  const rig = new RelayRig({ origins: ORIGINS });
  rig.next();
  claim(rig);
  await rig.settle();
  rig.publish();
  const { answers } = claim(rig);
  assert.deepEqual(answers, [undefined], "who takes over here needs nobody's word there");
  await rig.settle();
  assert.equal(rig.dialled.length, 1);
  assert.equal(rig.service.list().length, 1);
});

test("a client without a query has none behind the name", async () => {
  const rig = new RelayRig({ origins: ORIGINS });
  const server = rig.next();
  claim(rig, { ...INFO, query: "", address: "[2001:db8::1]:99", via: undefined });
  await rig.settle();
  assert.equal(commands(server, "publish")[0]![3], "cam");
  const object = commands(server, "connect")[0]![2] as Record<string, unknown>;
  assert.equal(object.sluiceClient, "[2001:db8::1]");
  assert.equal(object.sluiceVia, "0123456789abcdef");
});
