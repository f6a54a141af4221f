/** What the nodes of a cluster tell each other of names, and give up for each other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CAM, Cluster, LEASE_MS, TAKEN } from "./nodes.ts";

test("a name that nobody has is given, and the other nodes are told whose it is", async () => {
  const cluster = new Cluster();
  const [a, b] = [await cluster.node("a"), await cluster.node("b")];
  assert.deepEqual(cluster.net.opened, ["a", "b"]);
  const answers = a.claim();
  assert.deepEqual(answers, [], "it is not known at once");
  await cluster.pass(0);
  assert.deepEqual(answers, [undefined]);
  assert.deepEqual([a.service.owns(CAM), b.service.owns(CAM)], [true, false]);
  assert.deepEqual(a.takeDone(), ["gave way live/cam"]);
  const [told] = cluster.net.take("owned");
  assert.deepEqual([told!.app, told!.name], ["live", "cam"]);
  assert.match(String(told!.key), /^[0-9a-f]{16}$/);
  assert.match(a.service.pass, /^[0-9a-f]{32}$/);
  assert.notEqual(a.service.pass, b.service.pass);
  assert.deepEqual(await b.service.locate(CAM), {
    url: "rtmp://a:1935/{app}/{name}",
    pass: a.service.pass,
  });
  assert.equal(await a.service.locate(CAM), undefined, "it has it itself");
  assert.equal(await b.service.locate({ app: "live", name: "other" }), undefined);
  a.publish();
  const again = a.claim();
  assert.deepEqual(again, [undefined], "what it owns it need not ask for");
});

test("a name that was given and is not published is free again", async () => {
  const cluster = new Cluster();
  const a = await cluster.node("a");
  a.claim();
  await cluster.pass(4000);
  // Asked for again it has its time again.
  a.claim();
  await cluster.pass(4990);
  assert.equal(a.service.owns(CAM), true);
  await cluster.pass(10);
  assert.equal(a.service.owns(CAM), false);
  assert.equal(a.service.health().streams, 0);
});

test("a name is free once its stream is over, and not while its publisher is still expected", async () => {
  const cluster = new Cluster();
  const a = await cluster.node("a");
  const publisher = await a.begin();
  await cluster.pass(6000);
  assert.equal(a.service.owns(CAM), true);
  a.end(publisher);
  assert.equal(a.service.owns(CAM), false);
  const short = await a.begin();
  await cluster.pass(1000);
  a.end(short);
  assert.equal(a.service.owns(CAM), true, "it may be the end of what was pulled");
  await cluster.pass(4000);
  assert.equal(a.service.owns(CAM), false);
});

test("an owner gives its name up to whoever publishes it elsewhere, and its publisher is told", async () => {
  const cluster = new Cluster();
  const [a, b] = [await cluster.node("a"), await cluster.node("b")];
  await a.begin();
  a.watch();
  a.takeDone();
  const answers = b.claim();
  await cluster.pass(0);
  assert.deepEqual(answers, [undefined]);
  assert.deepEqual([a.service.owns(CAM), b.service.owns(CAM)], [false, true]);
  assert.deepEqual(a.revoked, ["replaced"]);
  assert.equal(a.hub.registry.get(CAM)?.publisher, undefined);
  // Who watches there waits for what the other node has.
  assert.deepEqual(a.takeDone().sort(), ["foreign live/cam", "moved live/cam"]);
});

test("an owner that is about to have its publisher gives nothing up", async () => {
  const cluster = new Cluster();
  const [a, b] = [await cluster.node("a"), await cluster.node("b")];
  a.claim();
  await cluster.pass(0);
  const answers = b.claim();
  await cluster.pass(0);
  assert.deepEqual(answers, [TAKEN]);
  assert.equal(a.service.owns(CAM), true);
});

test("where nobody is to be replaced the publisher is asked for a sign of life", async () => {
  for (const outcome of ["unknown", "alive", "gone"] as const) {
    const cluster = new Cluster();
    const a = await cluster.node("a", { publishPolicy: "reject" });
    const b = await cluster.node("b", { publishPolicy: "reject" });
    const publisher = await a.begin();
    const asked: string[] = [];
    a.probe = (sessionId) => {
      asked.push(sessionId);
      if (outcome === "unknown") return undefined;
      if (outcome === "gone") a.end(publisher);
      return Promise.resolve();
    };
    const answers = b.claim();
    await cluster.pass(0);
    assert.deepEqual(answers, [outcome === "gone" ? undefined : TAKEN], outcome);
    assert.deepEqual(asked, ["s-a"]);
    assert.equal(b.service.owns(CAM), outcome === "gone");
    assert.deepEqual(a.revoked, []);
  }
});

test("what is only pulled is nobody's publisher: it gives way", async () => {
  const cluster = new Cluster();
  const [a, b] = [await cluster.node("a", { publishPolicy: "reject" }), await cluster.node("b")];
  const publisher = await a.begin();
  await cluster.pass(6000);
  a.watch();
  // Nobody publishes it for a moment, and then it is what another node has.
  a.end(publisher);
  await a.begin();
  await cluster.pass(6000);
  a.publish(CAM, "pull-1");
  a.revoked.length = 0;
  const answers = b.claim();
  await cluster.pass(0);
  assert.deepEqual([answers, a.revoked], [[undefined], []]);
});

test("a stream that was pulled and is published here is told of as one's own, once it is", async () => {
  const cluster = new Cluster();
  const a = await cluster.node("a");
  a.publish(CAM, "pull-1");
  a.watch();
  a.claim(CAM, () => a.publish());
  await cluster.pass(0);
  assert.deepEqual(a.takeDone(), ["gave way live/cam", "own live/cam"]);
  const other = { app: "live", name: "other" };
  const pulled = a.publish(other, "pull-2");
  a.claim(other);
  await cluster.pass(0);
  assert.deepEqual(a.takeDone(), ["gave way live/other"], "it came to nothing");
  a.end(pulled);
});

test("nodes are told where a name goes, and only those that have somebody who watches follow it", async () => {
  const cluster = new Cluster();
  const [a, b, c] = [await cluster.node("a"), await cluster.node("b"), await cluster.node("c")];
  b.watch();
  c.publish(CAM, "pull-9");
  await a.begin();
  assert.deepEqual(b.takeDone(), ["moved live/cam"], "who waits for it");
  assert.deepEqual(c.takeDone(), [], "nobody watches what it pulls");
  c.watch();
  await a.begin({ app: "live", name: "other" });
  assert.deepEqual(c.takeDone(), []);
  const tell = (about: object) => cluster.net.bus("x").publish("owned", JSON.stringify(about));
  tell({ ...CAM, key: "x" });
  assert.deepEqual([a.takeDone().includes("moved live/cam"), c.takeDone()], [
    false,
    ["moved live/cam"],
  ]);
  for (const odd of [{}, [], { app: "live" }, { name: "cam" }]) tell(odd);
  assert.deepEqual([...b.takeDone(), ...c.takeDone()], ["moved live/cam"], "of the one above");
  b.onMoved = () => {
    throw new TypeError("inside");
  };
  tell({ ...CAM, key: "x" });
  assert.deepEqual(b.faults.list().map(({ subsystem, count }) => [subsystem, count]), [
    ["cluster", 1],
  ]);
});

test("questions that are none are answered with no", async () => {
  const cluster = new Cluster();
  const a = await cluster.node("a");
  await a.begin();
  const [{ key }] = cluster.net.take("owned") as [{ key: string }];
  const bus = cluster.net.bus("x");
  for (const text of ["", "{}", '{"app":"live"}']) {
    assert.equal(await bus.ask(`yield.${key}`, text, 100), "no", text);
  }
  assert.equal(a.service.owns(CAM), true);
  a.hub.registry.get = () => {
    throw new TypeError("inside");
  };
  assert.equal(await bus.ask(`yield.${key}`, JSON.stringify(CAM), 100), "no");
  assert.equal(a.faults.list()[0]?.count, 1);
});

test("all know who is there, and how many names each has", async () => {
  const cluster = new Cluster();
  const [a, b] = [await cluster.node("a"), await cluster.node("b")];
  await a.begin();
  await cluster.pass(400);
  const member = (node: string, streams: number) => ({
    node,
    url: `rtmp://${node}:1935//`,
    streams,
  });
  const { nodes, ...health } = b.service.health();
  assert.deepEqual(health, { node: "b", connected: true, streams: 0 });
  assert.deepEqual(nodes.toSorted((one, other) => one.node < other.node ? -1 : 1), [
    member("a", 1),
    member("b", 0),
  ]);
  await a.service.stop();
  assert.deepEqual(b.service.health().nodes, [member("b", 0)]);
  assert.deepEqual(cluster.net.closed, ["a"]);
  assert.equal(await b.service.locate(CAM), undefined, "its names are free");
  cluster.net.cut.add("b");
  await cluster.pass(3 * LEASE_MS + 10);
  assert.deepEqual(b.service.health(), { node: "b", connected: false, streams: 0, nodes: [] });
});

test("a node that stops leaves nothing that is waited for", async () => {
  const cluster = new Cluster();
  const { pending } = cluster.clock;
  const a = await cluster.node("a");
  a.claim();
  await cluster.pass(0);
  cluster.net.cut.add("a");
  await a.service.stop();
  // The tick of its hub.
  assert.equal(cluster.clock.pending, pending + 1);
});

test("what the streams of all nodes are is asked of each", async () => {
  const cluster = new Cluster();
  const [a, b] = [await cluster.node("a"), await cluster.node("b")];
  await cluster.pass(400);
  const view = (players: number) => ({ ...CAM, players });
  assert.deepEqual(await a.service.allStreams(), []);
  a.service.tellOf(() => [{ view: view(3), pulled: false }]);
  b.service.tellOf(() => [{ view: view(2), pulled: true }]);
  assert.deepEqual(await b.service.allStreams(), [{ ...CAM, node: "a", players: 4 }]);
  b.service.tellOf(() => {
    throw new TypeError("inside");
  });
  assert.deepEqual(await a.service.allStreams(), [{ ...CAM, node: "a", players: 3 }]);
  assert.equal(b.faults.list()[0]?.subsystem, "cluster");
});

test("what happens at a node is told to whoever listens", async () => {
  const cluster = new Cluster();
  const a = await cluster.node("a");
  a.service.tell("stream.live", { app: "live", name: "cam" });
  assert.deepEqual(cluster.net.take("events.a.stream.live"), [
    { type: "stream.live", node: "a", app: "live", name: "cam" },
  ]);
});

test("a node that is cut off owns nothing once its lease is over, and takes back what nobody has taken", async () => {
  const cluster = new Cluster();
  const a = await cluster.node("a");
  await a.begin();
  await cluster.pass(6000);
  cluster.net.cut.add("a");
  await cluster.pass(LEASE_MS + 10);
  assert.deepEqual([a.service.owns(CAM), a.service.health().streams], [false, 0]);
  assert.deepEqual(a.revoked, [], "its publisher goes on");
  const answers = a.claim({ app: "live", name: "other" });
  await cluster.pass(4490);
  assert.deepEqual(answers, []);
  await cluster.pass(120);
  assert.deepEqual(answers, ["The cluster cannot say right now whether this name is free."]);
  cluster.net.cut.delete("a");
  await cluster.pass(500);
  assert.deepEqual([a.service.owns(CAM), a.service.health().connected], [true, true]);
  assert.deepEqual(a.revoked, []);
});

test("a name that somebody else has by then is his, and the publisher here is told", async () => {
  const cluster = new Cluster();
  const [a, b] = [await cluster.node("a"), await cluster.node("b")];
  await a.begin();
  a.watch();
  await cluster.pass(6000);
  cluster.net.cut.add("a");
  await cluster.pass(LEASE_MS + 10);
  await b.begin();
  assert.equal(b.service.owns(CAM), true);
  a.takeDone();
  cluster.net.cut.delete("a");
  await cluster.pass(500);
  assert.equal(a.service.owns(CAM), false);
  assert.deepEqual(a.revoked, ["replaced"]);
  assert.deepEqual(a.takeDone(), ["foreign live/cam", "moved live/cam"]);
  assert.deepEqual(b.revoked, []);
});

test("all names are said again now and then, before they vanish", async () => {
  const cluster = new Cluster();
  const a = await cluster.node("a");
  await a.begin();
  const revisionOf = () => {
    const { value } = cluster.net.names.get(`n${
      [...new TextEncoder().encode("live/cam")]
        .map((byte) => byte.toString(16).padStart(2, "0")).join("")
    }`) ?? {};
    return value;
  };
  const before = revisionOf();
  assert.ok(before !== undefined, "it is there, under its key");
  const puts: string[] = [];
  const put = cluster.net.names.put.bind(cluster.net.names);
  cluster.net.names.put = (key, value, revision) => {
    puts.push(key);
    return put(key, value, revision);
  };
  await cluster.pass(118 * 400);
  assert.equal(puts.length, 0);
  await cluster.pass(2 * 400);
  assert.equal(puts.length, 1);
});
