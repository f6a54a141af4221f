/** Deadlines of a connection, by a clock that stands still until it is moved (B5, B9, H10, L1-L5). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { completeTuning, parseConfig } from "../../src/config/mod.ts";
import { MessageType } from "../../src/core/rtmp/message/types.ts";
import { rtmpSettings } from "../../src/settings_of.ts";
import { audioFrame, interFrame, keyFrame } from "../support/media.ts";
import { figure } from "../support/figure.ts";
import { Rig, type RigClient, settle } from "../support/rtmp_service.ts";

const { Audio, UserControl, Video } = MessageType;

/** The times that a server keeps which was told nothing. */
const {
  openingTimeoutMs,
  publishStartMs,
  publishIdleMs,
  publishProbeMs,
  playerStallMs,
  pingIntervalMs,
  idleTimeoutMs,
} = rtmpSettings(parseConfig(), completeTuning());
const DEFAULTS = {
  ...{ openingTimeoutMs, publishStartMs, publishIdleMs },
  ...{ publishProbeMs, playerStallMs, pingIntervalMs, idleTimeoutMs },
};
const [handshakeTimeoutMs, connectTimeoutMs] = [openingTimeoutMs, openingTimeoutMs];
const requestTimeoutMs = 2 * openingTimeoutMs;
const alive = (client: RigClient) => client.session.core.phase !== "closed";

/** Milliseconds until the client is given up, `each` once a second, in steps of 10 ms. */
function timeToClose(rig: Rig, client: RigClient, each: (second: number) => void = () => {}) {
  for (let at = 0; at < 60_000; at += 10) {
    if (at % 1000 === 0) each(at / 1000);
    rig.clock.advance(10);
    if (!alive(client)) return at + 10;
  }
  return Infinity;
}

/** A figure of the time a phase may take: at most half a second more or less than its limit. */
function phase(id: string, what: string, limit: number, took: number): void {
  figure({ id, what, value: took, unit: "ms", atMost: limit + 500, by: "model" });
  assert.ok(took >= limit - 500, `${what}: given up after ${took} ms, before its time`);
}

test("the limits that ship are those of the documents: 5, 5, 10, 20, 10 and 10 seconds", () => {
  assert.deepEqual(
    [handshakeTimeoutMs, connectTimeoutMs, requestTimeoutMs, publishStartMs, publishIdleMs],
    [5000, 5000, 10_000, 20_000, 10_000],
  );
  assert.equal(playerStallMs, 10_000);
});

test("B5: a handshake of one byte a second is cut off in time", () => {
  const rig = new Rig(DEFAULTS);
  const client = rig.client();
  const took = timeToClose(rig, client, (second) => client.write(Uint8Array.of(second ? 0 : 3)));
  phase("B5", "handshake, a byte a second", handshakeTimeoutMs, took);
});

test("B5: a connect of one byte a second is cut off in time", () => {
  const rig = new Rig(DEFAULTS);
  const client = rig.client().shake();
  const connect = client.encode(MessageType.CommandAmf0, 0, 0, new Uint8Array(200));
  const took = timeToClose(rig, client, (second) => {
    client.write(connect.subarray(second, second + 1));
  });
  phase("B5", "connect, a byte a second", connectTimeoutMs, took);
});

test("B5: a publish of one byte a second is cut off in time", () => {
  const rig = new Rig(DEFAULTS);
  const client = rig.client().connected();
  const publish = client.encode(MessageType.CommandAmf0, 1, 0, new Uint8Array(200));
  const took = timeToClose(rig, client, (second) => {
    client.write(publish.subarray(second, second + 1));
  });
  phase("B5", "first publish or play, a byte a second", requestTimeoutMs, took);
});

test("B5: a publisher's first message of one byte a second is cut off in time", () => {
  const rig = new Rig(DEFAULTS);
  const client = rig.publisher();
  const media = client.encode(Audio, 1, 0, new Uint8Array(100));
  const took = timeToClose(rig, client, (second) => {
    client.write(media.subarray(second, second + 1));
  });
  phase("B5", "first media, a byte a second", publishStartMs, took);
});

test("B5: control messages once a second prolong no phase", () => {
  const rig = new Rig(DEFAULTS);
  const client = rig.client().shake();
  const ping = () => client.message(UserControl, 0, 0, Uint8Array.of(0, 7, 0, 0, 0, 1));
  phase("B5", "connect, control messages", connectTimeoutMs, timeToClose(rig, client, ping));
  const publisher = rig.publisher();
  publisher.message(Video, 1, 0, keyFrame());
  const pong = () => publisher.message(UserControl, 0, 0, Uint8Array.of(0, 7, 0, 0, 0, 1));
  phase("B5", "media, control messages", publishIdleMs, timeToClose(rig, publisher, pong));
});

test("B9: a publisher whose link vanished is noticed, and its name is free", async () => {
  const rig = new Rig(DEFAULTS);
  const gone = rig.publisher();
  gone.message(Video, 1, 0, keyFrame());
  const took = timeToClose(rig, gone);
  figure({
    id: "B9",
    what: "time to free the name",
    value: took,
    unit: "ms",
    atMost: 10_500,
    by: "model",
  });
  await settle();
  assert.equal(rig.registry.size, 0);
});

for (const policy of ["replace", "reject"] as const) {
  test(`B9: ${policy}: who comes back for the name of a vanished publisher gets it`, async () => {
    const rig = new Rig({ ...DEFAULTS, publishPolicy: policy });
    const gone = rig.publisher();
    gone.message(Video, 1, 0, keyFrame());
    rig.clock.advance(2000);
    // Nothing it is told arrives, and nothing of it comes.
    gone.connection.block();
    const again = rig.client().connected();
    again.publish(1, "test");
    let took = 0;
    const codes: string[] = [];
    for (; took < 10_000 && codes.length === 0; took += 10) {
      codes.push(...again.codes());
      if (codes.length > 0) break;
      rig.clock.advance(10);
      await settle();
    }
    assert.deepEqual(codes, ["NetStream.Publish.Start"]);
    await settle();
    assert.ok(!alive(gone));
    const atMost = policy === "replace" ? 0 : 3000;
    figure({
      id: "B9",
      what: `reconnect, policy ${policy}`,
      value: took,
      unit: "ms",
      atMost,
      by: "model",
    });
    again.message(Video, 1, 0, keyFrame());
    const player = rig.player();
    assert.ok(player.media().length > 0, "and is played");
  });
}

test("B9: reject: a publisher that gives a sign of life keeps its name, however often it is asked for", async () => {
  const rig = new Rig({ ...DEFAULTS, publishPolicy: "reject" });
  const owner = rig.publisher();
  for (let round = 0; round < 20; round++) {
    const others = [rig.client().connected(), rig.client().connected()];
    for (const other of others) other.publish(1, "test");
    rig.clock.advance(100);
    owner.message(Audio, 1, round * 500, audioFrame());
    rig.clock.advance(400);
    await settle();
    for (const other of others) {
      assert.deepEqual(other.codes(), ["NetStream.Publish.BadName"]);
      other.connection.hangUp();
    }
    await settle();
  }
  assert.ok(alive(owner));
  const pings = owner.take().filter((line) => line.startsWith("pingRequest"));
  assert.equal(pings.length, 20, "those who ask at the same time share an answer");
});

test("B9: reject: of two who want the name of a vanished publisher one gets it", async () => {
  const rig = new Rig({ ...DEFAULTS, publishPolicy: "reject" });
  rig.publisher();
  const others = [rig.client().connected(), rig.client().connected()];
  for (const other of others) other.publish(1, "test");
  for (let at = 0; at < 3000; at += 250) {
    rig.clock.advance(250);
    await settle();
  }
  assert.deepEqual(others.map((other) => other.codes()).flat().sort(), [
    "NetStream.Publish.BadName",
    "NetStream.Publish.Start",
  ]);
});

test("B9: reject: an owner that waits for a decision itself is not asked, and nobody waits for ever", async () => {
  const rig = new Rig({ ...DEFAULTS, publishPolicy: "reject" });
  const [one, two] = [rig.client().connected(2), rig.client().connected(2)];
  one.publish(1, "one");
  two.publish(1, "two");
  one.take();
  two.take();
  one.publish(2, "two");
  two.publish(2, "one");
  await settle();
  assert.deepEqual(two.codes(), ["NetStream.Publish.BadName"]);
  for (let at = 0; at < 3000; at += 250) {
    rig.clock.advance(250);
    await settle();
  }
  // The second said nothing since it was asked.
  assert.ok(!alive(two));
  assert.deepEqual(one.codes(), ["NetStream.Publish.Start"]);
});

test("B9: reject: who leaves while the owner is asked leaves nothing behind", async () => {
  const rig = new Rig({ ...DEFAULTS, publishPolicy: "reject" });
  const owner = rig.publisher();
  const other = rig.client().connected();
  other.publish(1, "test");
  other.connection.hangUp();
  await settle();
  owner.connection.hangUp();
  await settle();
  rig.clock.advance(3000);
  await settle();
  assert.equal(rig.registry.size, 0);
  assert.deepEqual(rig.service.gauges, {
    sessions: 0,
    connections: 0,
    pending: 0,
    addresses: 0,
    assembly: 0,
  });
});

test("B9: reject: publishProbeMs 0 refuses at once", () => {
  const rig = new Rig({ ...DEFAULTS, publishPolicy: "reject", publishProbeMs: 0 });
  const owner = rig.publisher();
  const other = rig.client().connected();
  other.publish(1, "test");
  assert.deepEqual(other.codes(), ["NetStream.Publish.BadName"]);
  assert.deepEqual(owner.take(), []);
});

test("H10: a process that is stopped for 30 s gives up nobody for it", async () => {
  const rig = new Rig({ ...DEFAULTS, playWaitMs: 10_000 }, {
    name: "slow",
    onPlay: () => new Promise<void>((resolve) => void rig.clock.after(34_000, resolve)),
  });
  const clients = new Map<string, RigClient>();
  clients.set("shaking hands", rig.client());
  clients.set("to connect", rig.client().shake());
  clients.set("connected", rig.client().connected());
  const publisher = rig.publisher();
  publisher.message(Video, 1, 0, keyFrame());
  clients.set("publishing", publisher);
  clients.set("about to publish", rig.publisher("other"));
  clients.set("waiting for a plugin", rig.player("other"));
  rig.clock.advance(3000);
  rig.clock.sleep(30_000);
  rig.clock.advance(1500);
  await settle();
  const lost = [...clients].filter(([, client]) => !alive(client)).map(([what]) => what);
  figure({
    id: "H10",
    what: "sessions lost to a stop of 30 s",
    value: lost.length,
    unit: "",
    atMost: 0,
  });
  assert.deepEqual(rig.faults, []);
  // And time goes on: what was due four seconds after is due now.
  const shaking = clients.get("shaking hands")!;
  rig.clock.advance(1000);
  assert.ok(!alive(shaking), "the handshake had 5 s awake");
  assert.ok(alive(publisher));
  publisher.message(Video, 1, 40, interFrame());
});

test("H10: players go on where they are, and waits last as long as they should", async () => {
  const rig = new Rig({ ...DEFAULTS, playWaitMs: 10_000 });
  const publisher = rig.publisher();
  publisher.message(Video, 1, 0, keyFrame());
  const player = rig.player();
  const waiting = rig.player("nobody");
  player.take();
  waiting.take();
  rig.clock.advance(5000);
  publisher.message(Video, 1, 5000, keyFrame(100, 1));
  assert.equal(player.media().length, 1);
  rig.clock.sleep(30_000);
  publisher.message(Video, 1, 35_000, keyFrame(100, 2));
  rig.clock.advance(4000);
  await settle();
  assert.equal(player.media().length, 1);
  assert.deepEqual(waiting.codes(), []);
  rig.clock.advance(1500);
  assert.deepEqual(waiting.codes(), ["NetStream.Play.StreamNotFound"]);
});
