/** Floods of connections: who is let in, who makes room, and what a refusal costs (B4, B8, L16). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { publicNameOf } from "../../src/service/rtmp/attachment.ts";
import { figure, FULL, sized } from "../support/figure.ts";
import { cpuSeconds } from "../support/cpu.ts";
import { MemoryConnection } from "../support/memory_connection.ts";
import { keyFrame } from "../support/media.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { Rig, settle } from "../support/rtmp_service.ts";
import { startServer, startTuned } from "../support/server.ts";
import { SilentSockets } from "../support/silent_sockets.ts";

test("B4: 2000 silent connections never lock out a client, and are gone within 10 s", async () => {
  const rig = new Rig({
    maxConnections: 10_000,
    maxPendingConnections: 256,
    maxConnectionsPerAddress: 10_000,
  });
  const silent = Array.from({ length: 2000 }, () => new MemoryConnection());
  let most = 0;
  const clients = [];
  for (const [index, connection] of silent.entries()) {
    rig.service.accept(connection);
    most = Math.max(most, rig.service.gauges.pending);
    if (index % 100 === 99) {
      rig.clock.advance(10);
      await settle();
      const client = rig.publisher(`s${index}`);
      assert.equal(publicNameOf(client.session.core.streams.get(1)!), `s${index}`);
      clients.push(client);
    }
  }
  figure({
    id: "B4",
    what: "most peers pending at once (limit 256)",
    value: most,
    unit: "",
    atMost: 512,
  });
  rig.clock.advance(5500);
  await settle();
  assert.ok(silent.every((connection) => connection.closed), "all silent ones are gone");
  assert.equal(rig.service.gauges.pending, 0);
  assert.ok(clients.every(({ session }) => session.core.phase === "connected"));
});

test("B4: a client that has come further stays while silent ones make room, whoever came first", async () => {
  const rig = new Rig({ maxPendingConnections: 10, maxConnectionsPerAddress: 1000 });
  const connected = rig.client().connected();
  const shaking = rig.client();
  shaking.write(Uint8Array.of(3));
  for (let index = 0; index < 50; index++) {
    rig.clock.advance(100);
    rig.service.accept(new MemoryConnection());
  }
  await settle();
  assert.equal(connected.session.core.phase, "connected");
  assert.equal(shaking.session.core.phase, "closed", "it had its five seconds");
  connected.publish(1, "a");
  assert.deepEqual(connected.codes(), ["NetStream.Publish.Start"]);
});

test("L16: when the process is full a silent peer makes room, one that is served never", async () => {
  const rig = new Rig({ maxConnections: 3 });
  const publisher = rig.publisher();
  const player = rig.player();
  const silent = rig.client();
  const next = rig.publisher("next");
  await settle();
  assert.equal(silent.connection.closed, true);
  const late = new MemoryConnection();
  rig.service.accept(late);
  assert.equal(late.closing, "destroy");
  for (const { session } of [publisher, player, next]) {
    assert.equal(session.core.phase, "connected");
  }
});

test("L16: an address has as many connections as it may, and IPv6 counts by network", async () => {
  const rig = new Rig({ maxConnectionsPerAddress: 2, maxConnections: 1000 });
  const from = (hostname: string) => {
    const connection = new MemoryConnection();
    Object.assign(connection, { remote: { hostname, port: 4000 } });
    rig.service.accept(connection);
    return connection;
  };
  for (
    const [kept, same, refused] of [
      ["192.0.2.9", "::ffff:192.0.2.9", "::ffff:c000:209"],
      ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:1:2:3:4"],
    ] as const
  ) {
    const connections = [from(kept), from(same)];
    assert.deepEqual(connections.map(({ closing }) => closing), [undefined, undefined]);
    assert.equal(from(refused).closing, "destroy");
    connections[0]!.hangUp();
    await settle();
    assert.equal(from(refused).closing, undefined);
  }
  const here = Array.from({ length: 10 }, () => from("127.0.0.1"));
  assert.ok(here.every(({ closing }) => closing === undefined), "this machine is exempt");
  for (const session of [...rig.service.sessions.values()]) session.connection.destroy();
  await settle();
  assert.deepEqual(rig.service.gauges, {
    sessions: 0,
    connections: 0,
    pending: 0,
    addresses: 0,
    assembly: 0,
  });
});

test("B4: through a real server: silent connections, a client served at once, room again", async () => {
  // The suite does not wait for the default of five seconds.
  await using server = await startServer(FULL ? [] : ["--rtmp-timeout-ms", "2000"]);
  const count = sized(1000, 5000);
  await using silent = new SilentSockets(server.rtmpPort);
  const started = performance.now();
  while (silent.sockets.length < count - 500) await silent.open(100);
  const flood = (async () => {
    while (silent.sockets.length < count) {
      await silent.open(10);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  let slowest = 0;
  for (let index = 0; index < 5; index++) {
    const asked = performance.now();
    await using client = await RtmpClient.open(server.rtmpPort);
    const { id, info } = await client.publish("live", `s${index}`);
    assert.equal(info.code, "NetStream.Publish.Start");
    client.send(9, id, 0, keyFrame());
    slowest = Math.max(slowest, performance.now() - asked);
  }
  await flood;
  figure({
    ...{ id: "B4", what: "a client served during a flood", value: Math.round(slowest) },
    ...{ unit: "ms", atMost: 1000, by: "wall" },
  });
  await silent.closedBy(count, 30_000);
  figure({
    ...{ id: "B4", what: `longest that one of ${count} silent connections stays`, unit: "ms" },
    ...{ value: Math.round(silent.longestMs), atMost: 10_000, by: "wall" },
  });
  const lines = server.logs.filter(({ message }) => message.startsWith("silent connection"));
  const seconds = (performance.now() - started) / 1000;
  figure({
    ...{ id: "B4", what: "log lines a second about them", unit: "" },
    ...{ value: Math.round(lines.length / seconds * 100) / 100, atMost: 1.5 },
  });
  server.assertHealthy();
});

test("B8: a connection over the limit of its address is refused, for little", async () => {
  await using server = await startTuned({ limitLoopback: true }, [
    "--max-connections-per-address",
    "5",
  ]);
  await using first = new SilentSockets(server.rtmpPort);
  await first.open(5);
  const count = sized(500, 10_000);
  // Until both runtimes have compiled the way.
  await using warm = new SilentSockets(server.rtmpPort);
  await warm.open(200);
  await warm.closedBy(200);
  const before = cpuSeconds(server.pid);
  const started = performance.now();
  await using flood = new SilentSockets(server.rtmpPort);
  for (let sent = 0; sent < count; sent += 100) {
    await flood.open(100);
    await flood.closedBy(sent + 100);
  }
  const after = cpuSeconds(server.pid);
  if (before !== undefined && after !== undefined) {
    figure({
      ...{
        id: "B8",
        what: "CPU per refused connection",
        unit: "ms",
        atMost: 0.2,
        by: "cpu",
        slack: 4,
      },
      value: Math.round((after - before) * 1e6 / count) / 1000,
    });
  }
  const { message, properties } = await server.waitForLog(
    "connection refused: too many of its address",
  );
  assert.equal(properties.limit, 5);
  const lines = server.logs.filter((record) => record.message === message).length;
  const seconds = (performance.now() - started) / 1000 + 1;
  assert.ok(lines <= seconds + 2, `${lines} lines in ${seconds} s`);
  server.assertHealthy();
});

test("B4: a crowd of 1000 viewers that comes within a second is let in whole, however slow its links", async () => {
  const rig = new Rig({
    maxConnections: 10_000,
    maxPendingConnections: 1024,
    maxConnectionsPerAddress: 10_000,
  });
  rig.publisher();
  const crowd = [];
  for (let count = 0; count < 1000; count++) {
    crowd.push(rig.client());
    if (count % 2 === 0) rig.clock.advance(1);
  }
  rig.clock.advance(500);
  for (const client of crowd) {
    client.connected();
    client.play(1, "test");
  }
  await settle();
  const served = rig.registry.get({ app: "live", name: "test" })!.playerCount;
  figure({
    id: "B4",
    what: "viewers of a crowd of 1000 served",
    value: served,
    unit: "",
    atLeast: 1000,
  });
});
