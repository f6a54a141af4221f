/** Which streams are pushed where, by settings, plugins and operators. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../../src/core/errors.ts";
import type { PushRule } from "../../../src/service/relay/push_rule.ts";
import { KEY, RelayRig } from "./relay_rig.ts";

const rule = (pattern: string, url: string): PushRule => ({ pattern, url });
const described = (rig: RelayRig) => rig.service.list().map((one) => one.describe());
const urls = (rig: RelayRig) => described(rig).map(({ url }) => url);

test("streams are pushed by every rule that fits, and once to each place", async () => {
  const rig = new RelayRig({
    push: [
      rule("live/*", "rtmp://one.test/{app}/{name}"),
      rule("live/cam", "rtmp://two.test/x/{name}"),
      rule("live/cam", "rtmp://one.test/live/cam"),
      rule("other/*", "rtmp://three.test/x/y"),
    ],
  });
  rig.next();
  rig.next();
  const publisher = rig.publish();
  await rig.settle();
  assert.deepEqual(urls(rig), ["rtmp://one.test:1935/live/***", "rtmp://two.test:1935/x/***"]);
  const [first, second] = described(rig);
  assert.equal(first!.source, "settings");
  assert.notEqual(first!.id, second!.id);
  assert.match(first!.id, /^[0-9a-f]{12}$/);
  rig.push(publisher);
  rig.hub.registry.unpublish(publisher, rig.clock.now());
  await rig.settle();
  assert.deepEqual(urls(rig), [], "they go with the stream");
});

test("targets that a plugin names are pushed to as long as the stream is there", async () => {
  const rig = new RelayRig();
  const server = rig.next();
  const publisher = rig.publish();
  rig.service.onPublish(rig.stream!, [{ url: "rtmp://one.test/x/{name}" }]);
  rig.service.onPublish(rig.stream!, [{ url: "rtmp://one.test/x/cam" }]);
  await rig.settle();
  assert.equal(rig.only.source, "plugin");
  assert.equal(rig.only.state, "publishing");
  rig.hub.registry.unpublish(publisher, rig.clock.now());
  await rig.settle();
  assert.equal(rig.service.list().length, 0);
  assert.equal(server.connection.closing, "end");
});

test("targets of the operator stay, and begin whenever the stream is there", async () => {
  const rig = new RelayRig();
  rig.target("rtmp://one.test/x/{name}");
  await rig.settle();
  assert.equal(rig.only.state, "waiting");
  assert.equal(rig.only.source, "api");
  assert.deepEqual(rig.dialled, []);
  for (let time = 0; time < 2; time++) {
    const server = rig.next();
    const publisher = rig.publish();
    await rig.settle();
    assert.equal(rig.only.state, "publishing");
    assert.equal(rig.service.readersOf(KEY), 1);
    assert.equal(rig.service.readersOf({ app: "live", name: "other" }), 0);
    rig.push(publisher);
    await rig.settle();
    rig.hub.registry.unpublish(publisher, rig.clock.now());
    await rig.settle();
    assert.equal(rig.only.state, "waiting");
    assert.equal(rig.only.since, undefined);
    assert.equal(rig.only.bitrate, 0);
    assert.equal(rig.service.readersOf(KEY), 0);
    assert.equal(server.connection.closing, "end");
    assert.equal(server.messages.filter(({ type }) => type === 9).length, 3, "all of it");
  }
  assert.equal(rig.service.remove(rig.only.id), true);
  assert.equal(rig.service.list().length, 0);
  rig.publish();
  await rig.settle();
  assert.equal(rig.dialled.length, 2);
});

test("the end of one target is none of the others'", async () => {
  const rig = new RelayRig();
  const servers = [rig.next(), rig.next()];
  const publisher = rig.publish();
  const first = rig.target("rtmp://one.test/x/y");
  rig.target("rtmp://two.test/x/y");
  await rig.settle();
  rig.service.remove(first.id);
  assert.equal(rig.service.readersOf(KEY), 1);
  rig.push(publisher);
  await rig.settle();
  assert.equal(servers[0]!.connection.closing, "end");
  assert.equal(servers[1]!.messages.filter(({ type }) => type === 9).length, 3);
  assert.equal(rig.only.url, "rtmp://two.test:1935/x/***");
});

test("over the most targets streams go on without, and a URL that cannot be used is refused", async () => {
  const rig = new RelayRig({ push: [rule("*/*", "rtmp://one.test/x/{name}")], maxTargets: 1 });
  rig.publish();
  rig.service.onPublish(rig.stream!, [{ url: "rtmp://two.test/x/y" }]);
  await rig.settle();
  assert.deepEqual(urls(rig), ["rtmp://one.test:1935/x/***"]);
  assert.equal(rig.service.add(KEY, { url: "rtmp://two.test/x/y" }, "api"), undefined);
  const other = new RelayRig();
  assert.throws(() => other.service.add(KEY, { url: "http://no.test/" }, "api"), UsageError);
  assert.equal(other.service.list().length, 0);
});

test("what a target was sent is counted over its connections", async () => {
  const rig = new RelayRig();
  const servers = [rig.next(), rig.next()];
  const publisher = rig.publish();
  rig.target();
  await rig.settle();
  for (let second = 0; second < 10; second++) {
    rig.push(publisher);
    await rig.settle(1000);
  }
  const { bytes, bitrate, droppedFrames, since } = rig.only;
  // Pictures of 100 and 50 bytes and 20 of sound, each with a head of 12.
  assert.ok(bytes > 10 * 200 && bytes < 10 * 210 + 200, `${bytes}`);
  assert.ok(Math.abs(bitrate - 206 * 8) < 150, `${bitrate}`);
  assert.equal(droppedFrames, 0);
  assert.equal(since, rig.clock.wall() - 10_000);
  servers[0]!.connection.hangUp();
  await rig.settle();
  assert.equal(rig.only.bytes, bytes);
  assert.equal(rig.only.bitrate, 0);
  assert.deepEqual(rig.only.error, { kind: "closed", message: "The server closed the connection" });
  assert.equal(rig.only.failures, 1);
  await rig.settle(500);
  rig.push(publisher);
  await rig.settle();
  assert.ok(rig.only.bytes > bytes);
  assert.equal(rig.only.error, undefined);
});

test("an attempt that published for ten seconds was none that failed", async () => {
  for (const [ms, failures] of [[9000, 3], [10_000, 1]] as const) {
    const rig = new RelayRig();
    const publisher = rig.publish();
    rig.target();
    await rig.settle();
    await rig.settle(500);
    assert.equal(rig.only.failures, 2);
    const server = rig.next();
    await rig.settle(1000);
    assert.equal(rig.only.state, "publishing");
    for (let passed = 0; passed < ms; passed += 1000) {
      rig.push(publisher);
      await rig.settle(1000);
    }
    server.connection.hangUp();
    await rig.settle();
    assert.equal(rig.only.failures, failures);
  }
});

test("what is left of a stream goes out before the goodbye, for two seconds at the most", async () => {
  const rig = new RelayRig();
  const server = rig.next();
  const publisher = rig.publish();
  rig.target();
  await rig.settle();
  server.connection.block();
  rig.push(publisher);
  rig.hub.registry.unpublish(publisher, rig.clock.now());
  await rig.settle(1900);
  assert.equal(rig.only.state, "publishing");
  await rig.settle(100);
  assert.equal(rig.only.state, "waiting");
  await rig.pass(2500);
  assert.ok(server.connection.closed, "one that does not read is cut off");
  assert.equal(rig.dialled.length, 1);
});

test("a stream that is there again while the last one is handed out is pushed anew", async () => {
  const rig = new RelayRig();
  const servers = [rig.next(), rig.next()];
  const publisher = rig.publish();
  rig.target();
  await rig.settle();
  servers[0]!.connection.block();
  rig.push(publisher);
  rig.hub.registry.unpublish(publisher, rig.clock.now());
  const next = rig.publish();
  await rig.settle(2000);
  await rig.settle();
  assert.equal(rig.only.state, "publishing");
  rig.push(next);
  await rig.settle();
  assert.equal(servers[1]!.messages.filter(({ type }) => type === 9).length, 3);
  assert.equal(rig.dialled.length, 2);
});

test("a target that is over is not begun again by a retry or a stream", async () => {
  const rig = new RelayRig();
  const publisher = rig.publish();
  const { id } = rig.target();
  await rig.settle();
  rig.service.remove(id);
  await rig.pass(5000);
  assert.equal(rig.dialled.length, 1);
  rig.hub.registry.unpublish(publisher, rig.clock.now());
  rig.publish();
  await rig.settle();
  assert.equal(rig.dialled.length, 1);
  assert.equal(rig.clock.pending, 1, "the tick of the hub");
});

test("a stop waits for goodbyes, and cuts off who does not read", async () => {
  const rig = new RelayRig();
  const servers = [rig.next(), rig.next()];
  const publisher = rig.publish();
  rig.target("rtmp://one.test/x/y");
  rig.target("rtmp://two.test/x/y");
  await rig.settle();
  servers[1]!.connection.block();
  rig.push(publisher);
  await rig.settle();
  let over = false;
  const stopped = rig.service.stop(100).then(() => over = true);
  await rig.settle(80);
  await rig.settle();
  assert.ok(servers[0]!.connection.closed && servers[0]!.connection.closing === "end");
  assert.ok(!over && !servers[1]!.connection.closed);
  for (let step = 0; step < 3; step++) await rig.settle(20);
  await stopped;
  assert.equal(servers[1]!.connection.closing, "destroy");
  rig.publish();
  assert.equal(rig.target("rtmp://three.test/x/y"), undefined);
});
