/** Sessions that come from other servers or go on to some, and publishers in which others have a say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import type { LiveStream } from "../../../src/hub/mod.ts";
import { type ConnectContext, push } from "../../../src/plugin/mod.ts";
import { encodeAmf } from "../../support/amf0.ts";
import { publishGop, Rig, settle } from "../../support/rtmp_service.ts";

const OWN = "0123456789abcdef";
const OTHER = "fedcba9876543210";

test("a stream that came through this server is refused as a loop, and others are told where from", () => {
  const connects: ConnectContext[] = [];
  const rig = new Rig({ ownId: OWN }, {
    name: "see",
    onConnect: (context) => void connects.push(context),
  });
  const loop = rig.client().shake();
  loop.connect("live", { sluiceVia: `${OTHER},${OWN}` });
  const answer = loop.take().join("\n");
  assert.match(answer, /_error/);
  assert.equal(connects.length, 0, "nobody is asked");
  const edge = rig.client().shake();
  edge.connect("live", { sluiceVia: OTHER, sluiceClient: "192.0.2.77" });
  assert.equal(connects[0]!.rtmp!.forwardedFor, "192.0.2.77");
  edge.command(0, "createStream", 2, null);
  edge.publish(1, "cam");
  const { info } = rig.registry.get({ app: "live", name: "cam" })!.publisher!;
  assert.deepEqual(info.via, [OTHER]);
  const plain = rig.client().connected();
  assert.ok(!("forwardedFor" in connects[1]!.rtmp!));
  plain.command(1, "publish", 0, null, "two?key=a&more=b", "live");
  const two = rig.registry.get({ app: "live", name: "two" })!.publisher!.info;
  assert.ok(!("via" in two));
  assert.equal(two.query, "key=a&more=b");
  const { sessionId, address, client } = two;
  assert.deepEqual([sessionId, address], [plain.session.id, "192.0.2.1:4000"]);
  assert.equal(typeof client, "string");
});

test("a publisher that somebody has a say in waits for the answer, and is told a refusal", async () => {
  const rig = new Rig();
  const settles: ((reason?: string) => void)[] = [];
  rig.hub.observe({ onClaimed: (claim) => void settles.push(claim.hold()) });
  const client = rig.client().connected(2);
  client.publish(1, "a");
  assert.deepEqual(client.codes(), []);
  settles[0]!();
  await settle();
  assert.deepEqual(client.codes(), ["NetStream.Publish.Start"]);
  client.publish(2, "b");
  settles[1]!("It is taken there");
  await settle();
  const told = client.take().join("\n");
  assert.match(told, /NetStream\.Publish\.Rejected/);
  assert.equal(rig.registry.get({ app: "live", name: "b" }), undefined);
});

test("targets that plugins name are handed to the relays, with the stream as it is there", () => {
  const seen: [stream: string, urls: string[]][] = [];
  const relay = {
    loops: () => false,
    onPublish: ({ app, name }: LiveStream, wishes: readonly { url: string }[]) =>
      void seen.push([`${app}/${name}`, wishes.map(({ url }) => url)]),
  };
  const rig = new Rig({ relay }, {
    name: "push",
    onPublish: ({ name }) => name === "b" ? undefined : push("rtmp://h.test/x/{name}"),
  });
  rig.publisher("a");
  rig.publisher("b");
  assert.deepEqual(seen, [["live/a", ["rtmp://h.test/x/{name}"]]]);
});

test("stored data goes with @clearDataFrame", () => {
  const rig = new Rig();
  const client = rig.publisher("cam");
  const stored = () =>
    rig.registry.get({ app: "live", name: "cam" })!.headers().filter(({ kind }) => kind === 18);
  const data = (...values: Parameters<typeof encodeAmf>) =>
    client.message(MessageType.DataAmf0, 1, 0, encodeAmf(...values));
  data("@setDataFrame", "onMetaData", { title: "a" });
  assert.equal(stored().length, 1);
  data("@clearDataFrame", "onMetaData");
  assert.equal(stored().length, 0);
});

test("what a player receives changes at once, also of the stream that it is about to switch to", () => {
  const rig = new Rig();
  const publisher = rig.publisher("cam");
  publishGop(publisher, 0);
  const player = rig.player("cam");
  player.media();
  player.command(1, "receiveVideo", 0, null, false);
  publishGop(publisher, 1000);
  const kinds = player.media().map((text) => text.split(" ")[0]);
  assert.ok(kinds.length > 0 && kinds.every((kind) => kind === "8"), kinds.join());
});
