import { test } from "node:test";
import assert from "node:assert/strict";
import { residentBytes } from "../../bench/process_stat.ts";
import { AssemblyBudget } from "../../src/core/rtmp/chunk/assembly_budget.ts";
import { DEFAULT_CHUNK_DECODER_LIMITS } from "../../src/core/rtmp/chunk/limits.ts";
import { joined } from "../support/chunks.ts";
import { within } from "../support/deadline.ts";
import { figure, sized } from "../support/figure.ts";
import { Rig, settle } from "../support/rtmp_service.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { startServer } from "../support/server.ts";
import { SessionPeer } from "../support/session_peer.ts";

/** Bytes of a message that is there but for its end. */
const HERE = 60_000;
/** Length it declares: as long as any may be from a client that does not publish. */
const DECLARED = 65_535;

/** A type 0 header of `length` bytes on chunk stream `id`. */
function header(id: number, length: number, type = 9): Uint8Array {
  const basic = id < 64 ? [id] : [1, (id - 64) & 255, (id - 64) >> 8];
  return Uint8Array.of(
    ...[...basic, 0, 0, 0],
    ...[length >> 16, (length >> 8) & 255, length & 255],
    ...[type, 1, 0, 0, 0],
  );
}

/** Set Chunk Size. */
function chunkSize(size: number): Uint8Array {
  return joined([
    header(2, 4, 1),
    Uint8Array.of(size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255),
  ]);
}

/** As many messages as may be unfinished, each but for its end. */
function eightUnfinished(): Uint8Array {
  const parts = Array.from(
    { length: 8 },
    (_, i) => [header(3 + i, DECLARED), new Uint8Array(HERE)],
  );
  return joined([chunkSize(HERE), ...parts.flat()]);
}

test("A1: 16 MiB declared on 32 to 65,599 chunk streams holds no more than four times what was sent", () => {
  let worst = 0;
  const attacks = [
    // As declared: the first header is refused.
    { count: 65_597, length: 0xffffff, payload: 128, size: 128 },
    // As long as may be declared before a publish.
    { count: 65_597, length: 65_536, payload: 128, size: 128 },
    { count: 8, length: 65_536, payload: 128, size: 128 },
    { count: 8, length: 65_536, payload: 1, size: 1 },
    { count: 8, length: 65_536, payload: 40_000, size: 40_000 },
    { count: 8, length: 33, payload: 17, size: 16 },
  ];
  for (const { count, length, payload, size } of attacks) {
    for (const publishing of [false, true]) {
      const assembly = new AssemblyBudget();
      const peer = new SessionPeer({ assembly });
      if (publishing) peer.publishing();
      else peer.shake();
      const start = peer.session.bytesIn;
      let held = 0;
      peer.write(chunkSize(size));
      for (let i = 0; i < count && peer.error === undefined; i++) {
        const chunk = joined([header(i < 61 ? 3 + i : 64 + i, length), new Uint8Array(payload)]);
        // By the byte for the first ones: a little of a message is dearest.
        const cuts = i < 16 && payload < 1000
          ? [...chunk].map((byte) => Uint8Array.of(byte))
          : [chunk];
        for (const cut of cuts) {
          peer.write(cut);
          held = Math.max(held, assembly.used);
          worst = Math.max(worst, assembly.used / (peer.session.bytesIn - start));
        }
      }
      const limits = DEFAULT_CHUNK_DECODER_LIMITS;
      if (count > limits.maxUnfinishedMessages) assert.equal(peer.error?.code, "limit");
      else assert.ok(held > 0, "something was held");
      assert.ok(peer.session.streams.size <= 1);
    }
  }
  figure({
    ...{ id: "A1", what: "bytes held per byte sent, worst", value: worst, unit: "x" },
    atMost: 4,
  });
});

test("A1: a message that was lent leaves no more behind than was sent, on any chunk stream", () => {
  const assembly = new AssemblyBudget();
  const peer = new SessionPeer({ assembly }).publishing();
  const before = peer.session.bytesIn;
  peer.write(chunkSize(50_000));
  for (let id = 3; id < 32; id++) {
    const message = joined([header(id, 100_000), new Uint8Array(50_000)]);
    peer.write(message);
    peer.write(joined([Uint8Array.of(0xc0 | id), new Uint8Array(50_000)]));
    assert.ok(assembly.used <= 2 * (peer.session.bytesIn - before));
    assert.ok(assembly.used <= 512 * 1024, `${assembly.used} bytes are kept`);
  }
  peer.session.close();
  assert.equal(assembly.used, 0);
});

test("A2: what all connections hold together stays within its bound, and honest clients are served", async () => {
  const MiB = 1024 * 1024;
  const rig = new Rig({ maxConnections: 300, maxTotalAssemblyBytes: 16 * MiB });
  const publisher = rig.publisher("honest");
  const attackers = Array.from({ length: 200 }, () => rig.client().shake());
  for (const attacker of attackers) attacker.write(eightUnfinished());
  rig.clock.advance(400);
  await settle();
  // Those that were not let in share an eighth of it, whatever each of them may hold.
  const { assembly } = rig.service.gauges;
  assert.ok(assembly > 0 && assembly <= 16 * MiB / 8, `${assembly} bytes`);
  const codes = attackers.map(({ session }) => session.core.error?.code);
  assert.ok(codes.includes("limit"), "those that hold most are closed");
  // A publisher whose messages come whole needs none of it, and all comes back with the attackers.
  publisher.command(1, "FCPublish", 9, null, "honest");
  assert.equal(publisher.session.core.phase, "connected");
  // Nor is there too little for one whose messages come in pieces.
  publisher.write(publisher.encode(9, 1, 0, new Uint8Array(4 * MiB)).subarray(0, 3 * MiB));
  assert.equal(publisher.session.core.phase, "connected");
  for (const attacker of attackers) attacker.connection.hangUp();
  await settle();
  const late = rig.client().shake();
  late.write(eightUnfinished());
  assert.equal(late.session.core.phase, "connect");
});

test("A1, A2: connections that send most of many messages cost the server what they sent, and delay nobody", async () => {
  const count = sized(40, 200);
  await using server = await startServer(["--max-connections-per-address", "1000"]);
  await using honest = await RtmpClient.open(server.rtmpPort);
  await honest.connect("live");
  const attack = eightUnfinished();
  const before = residentBytes([server.pid]);
  const attackers = await Promise.all(
    Array.from({ length: count }, () => RtmpClient.open(server.rtmpPort)),
  );
  let slowest = 0;
  try {
    for (const attacker of attackers) {
      // They are told what has been read: every 16 KiB.
      await attacker.connect("live");
      attacker.send(5, 0, 0, Uint8Array.of(0, 0, 0x80, 0));
    }
    for (const attacker of attackers) attacker.sendBytes(attack);
    for (let i = 0; i < 20; i++) {
      const start = performance.now();
      await honest.call(0, "_checkbw", null);
      slowest = Math.max(slowest, performance.now() - start);
    }
    const sent = count * attack.length;
    const allRead = ({ type, payload }: { type: number; payload: Uint8Array }) =>
      type === 3 &&
      new DataView(payload.buffer, payload.byteOffset).getUint32(0) > 8 * HERE - 16_384;
    await Promise.all(attackers.map((one) => one.waitFor(allRead, "all of it has been read")));
    const risen = residentBytes([server.pid]) - before;
    if (before > 0) {
      const value = Number((risen / sent).toFixed(2));
      figure({ id: "A1", what: "memory risen per byte sent", value, unit: "x", atMost: 4 });
      const peak = Math.round(risen / 1024 / 1024);
      figure({
        ...{ id: "A2", what: `memory risen, ${count} connections`, value: peak, unit: "MiB" },
        atMost: 300,
      });
    }
    figure({
      ...{ id: "A1", what: "slowest answer to another client", value: Math.round(slowest) },
      ...{ unit: "ms", atMost: 250, by: "wall" },
    });
  } finally {
    for (const attacker of attackers) attacker.cut();
    await within(Promise.all(attackers.map(({ closed }) => closed)), "all are gone");
  }
  await honest.call(0, "_checkbw", null);
  server.assertHealthy();
});
