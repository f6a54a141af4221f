/** Which streams are pulled, and from where. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readPullRule } from "../../../src/service/relay/pull_rule.ts";
import { decodeAmf } from "../../support/amf0.ts";
import { keyFrame, VIDEO_HEADER } from "../../support/media.ts";
import { RelayRig } from "./relay_rig.ts";

const rule = (text: string) => {
  const read = readPullRule(text);
  assert.ok(typeof read !== "string", String(read));
  return read;
};

const playedOf = (rig: RelayRig) => rig.service.list().map((one) => one.describe());

test("those that are always pulled begin with the server, under the name of their pattern", async () => {
  const rig = new RelayRig({
    pull: [
      rule("/a/b/cam rtmp://one.test/x/y always"),
      rule("alone rtmp://two.test/x/y always"),
      rule("c/* rtmp://three.test/x/y"),
    ],
  });
  await rig.settle();
  assert.deepEqual(playedOf(rig).map(({ app, name, source }) => [app, name, source]), [
    ["a/b", "cam", "settings"],
    ["", "alone", "settings"],
  ]);
  assert.equal(rig.dialled.length, 2);
});

test("what is asked for is found by the first rule that fits, and not by one that is always pulled", async () => {
  const rig = new RelayRig({
    pull: [
      rule("live/cam rtmp://always.test/x/y always"),
      rule("live/* rtmp://first.test:1/x/{name}"),
      rule("live/cam rtmp://second.test:2/x/{name}"),
    ],
  });
  await rig.settle();
  rig.dialled.length = 0;
  rig.next();
  rig.want({ app: "live", name: "other" });
  rig.want({ app: "elsewhere", name: "other" });
  await rig.settle();
  assert.deepEqual(rig.dialled, ["8.8.8.8:1"]);
  assert.equal(rig.service.list().length, 2);
  // The one that is always pulled is known by its name: who asks waits for it.
  const asked = rig.want();
  assert.equal(asked.live, undefined);
});

test("who leaves while it is looked for has nobody look for it any more", async () => {
  const rig = new RelayRig({ pull: [rule("live/* rtmp://one.test/x/{name}")], idleMs: 60_000 });
  rig.next("nothing");
  const { player } = rig.play();
  assert.equal(rig.hub.registry.wants.size, 1);
  rig.hub.registry.stopPlaying(player);
  assert.equal(rig.hub.registry.wants.size, 0);
  await rig.pass(3000);
  assert.equal(rig.service.list().length, 1, "for a while it is tried on");
});

test("a name that cannot be public is asked of nobody", async () => {
  const rig = new RelayRig({ pull: [rule("** rtmp://one.test/x/y")] });
  const asked = rig.want({ app: "live", name: "a b" });
  await rig.settle();
  assert.equal(asked.live, false);
  assert.deepEqual(rig.dialled, []);
});

test("there are no more pulls than there may be", async () => {
  const rig = new RelayRig({ pull: [rule("live/* rtmp://one.test/x/{name}")], maxTargets: 2 });
  for (let count = 0; count < 3; count++) {
    rig.next("nothing");
    const asked = rig.want({ app: "live", name: `n${count}` }, {
      ...{ query: "", address: `192.0.2.${count}`, via: [] },
    });
    await rig.settle();
    assert.equal(asked.live, count < 2 ? undefined : false);
  }
  assert.equal(rig.dialled.length, 2);
});

test("names that somebody makes up take no places from others, nor from streams that there are", async () => {
  const rig = new RelayRig({
    pull: [rule("live/* rtmp://one.test/x/{name}"), rule("tv/news rtmp://one.test/x/y always")],
    maxTargets: 4,
  });
  const from = (address: string, name: string) => {
    rig.next("nothing");
    const asked = rig.want({ app: "live", name }, { query: "", address, via: [] });
    return asked;
  };
  const news = rig.next();
  await rig.settle();
  news.message(9, 1, 0, VIDEO_HEADER);
  news.message(9, 1, 0, keyFrame());
  const live = rig.next();
  rig.want({ app: "live", name: "there" }, { query: "", address: "192.0.2.1", via: [] });
  await rig.settle();
  live.message(9, 1, 0, VIDEO_HEADER);
  live.message(9, 1, 0, keyFrame());
  const made = ["a", "b", "c", "d"].map((name) => from("2001:db8::" + name, name));
  await rig.settle();
  const names = () => playedOf(rig).map(({ name }) => name);
  assert.deepEqual(names(), ["news", "there", "c", "d"], "his own oldest goes");
  assert.equal(made[0]!.live, false);
  const other = from("192.0.2.2", "wanted");
  const second = from("192.0.2.3", "too");
  await rig.settle();
  assert.deepEqual(names(), ["news", "there", "d", "wanted"], "each has one");
  assert.deepEqual([other.live, second.live], [undefined, false]);
});

test("nor more of those that are always pulled, which begin in their order", async () => {
  const texts = ["a", "b", "c"].map((name) => `live/${name} rtmp://one.test/x/${name} always`);
  const rig = new RelayRig({ pull: texts.map(rule), maxTargets: 2 });
  await rig.settle();
  assert.deepEqual(playedOf(rig).map(({ name }) => name), ["a", "b"]);
});

test("a source that has who plays wait for a publisher is waited for", async () => {
  const rig = new RelayRig({ pull: [rule("live/cam rtmp://one.test/x/y always")] });
  const server = rig.next();
  await rig.settle();
  server.status(1, "status", "NetStream.Play.Wait");
  await rig.settle();
  assert.deepEqual([playedOf(rig)[0]!.state, playedOf(rig)[0]!.error], ["connecting", undefined]);
  assert.deepEqual(rig.faults.list(), []);
});

test("one that is not wanted any more is ended by its id, and no other", async () => {
  const rig = new RelayRig({ pull: [rule("live/* rtmp://one.test/x/{name}")] });
  const servers = [rig.next(), rig.next()];
  const asked = ["a", "b"].map((name) => rig.want({ app: "live", name }));
  await rig.settle();
  servers[0]!.message(9, 1, 0, VIDEO_HEADER);
  servers[0]!.message(9, 1, 0, keyFrame());
  const [first, second] = playedOf(rig);
  assert.equal(rig.service.remove("000000000000"), false);
  assert.equal(rig.service.remove(first!.id), true);
  await rig.settle();
  assert.deepEqual(playedOf(rig).map(({ id }) => id), [second!.id]);
  assert.equal(servers[0]!.connection.closing, "end");
  assert.equal(servers[1]!.connection.closing, undefined);
  assert.equal(rig.hub.registry.get({ app: "live", name: "a" }), undefined);
  assert.equal(rig.service.remove(second!.id), true);
  assert.deepEqual(asked.map(({ live }) => live), [true, false]);
  // The same name may be asked for again.
  rig.next();
  rig.want({ app: "live", name: "b" });
  await rig.settle();
  assert.equal(playedOf(rig).length, 1);
});

test("a stop ends all pulls, and none begins any more", async () => {
  const rig = new RelayRig({ pull: [rule("live/* rtmp://one.test/x/{name}")] });
  const server = rig.next();
  rig.want();
  await rig.settle();
  const stopped = rig.service.stop(100);
  await rig.settle();
  await stopped;
  assert.equal(server.connection.closing, "end");
  const asked = rig.want({ app: "live", name: "other" });
  assert.equal(asked.live, false);
  assert.equal(rig.service.list().length, 0);
});

test("an edge asks its origins for what nobody publishes to it", async () => {
  const rig = new RelayRig({
    origins: ["rtmp://one.test:1/{app}/{name}", "rtmp://two.test:2/{app}/{name}"],
  });
  const server = rig.next();
  const asked = rig.want();
  await rig.settle();
  const [pull] = playedOf(rig);
  assert.equal(pull!.source, "origin");
  assert.equal(rig.dialled[0], "8.8.8.8:1");
  const play = server.messages.filter(({ type }) => type === 20).map(({ payload }) =>
    decodeAmf(payload)
  )
    .find(([name]) => name === "play");
  assert.equal(play![3], "cam");
  server.message(9, 1, 0, VIDEO_HEADER);
  assert.equal(asked.live, true);
  // What comes from there does not go back.
  assert.equal(playedOf(rig).length, 1);
});

test("without rules and origins nobody is asked, and nobody waits", () => {
  const rig = new RelayRig();
  assert.equal(rig.want().live, false);
  assert.equal(rig.hub.registry.wants.size, 0);
  assert.equal(rig.clock.pending, 1, "the tick of the hub");
});
