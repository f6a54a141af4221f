/** How long a publisher may be silent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import { audioFrame, keyFrame } from "../../support/media.ts";
import { Rig, type RigClient, settle } from "../../support/rtmp_service.ts";

const { Audio, Video, UserControl } = MessageType;

/** Advances by `ms` in steps of half a second, with `each` before every step. */
function pass(rig: Rig, ms: number, each: () => void = () => {}): void {
  for (let at = 0; at < ms; at += 500) {
    each();
    rig.clock.advance(500);
  }
}

const alive = (client: RigClient) => client.session.core.phase !== "closed";

test("a publisher without media is pinged, and its answers do not stand for media", () => {
  const rig = new Rig({ publishIdleMs: 10_000, pingIntervalMs: 30_000 });
  const publisher = rig.publisher();
  publisher.message(Video, 1, 0, keyFrame());
  let pings = 0;
  pass(rig, 9500, () => {
    for (const reply of publisher.take()) {
      const time = /^pingRequest (\d+)$/.exec(reply)?.[1];
      if (time === undefined) continue;
      pings++;
      // FFmpeg answers with the time plus 1.
      publisher.message(UserControl, 0, 0, Uint8Array.of(0, 7, 0, 0, ...u16(Number(time) + 1)));
    }
  });
  assert.ok(alive(publisher));
  assert.equal(pings, 1);
  pass(rig, 500);
  assert.ok(!alive(publisher));
});

const u16 = (value: number) => [value >>> 8 & 255, value & 255];

test("a silent publisher that does not answer is gone after publishIdleMs", async () => {
  const rig = new Rig({ publishIdleMs: 10_000 });
  const publisher = rig.publisher();
  publisher.message(Audio, 1, 0, audioFrame());
  pass(rig, 9500);
  assert.ok(alive(publisher));
  assert.ok(publisher.take().some((reply) => reply.startsWith("pingRequest")));
  pass(rig, 1000);
  assert.ok(!alive(publisher));
  assert.match(String(publisher.session.core.error?.message), /sent no media for 10000 ms/);
  await settle();
  assert.deepEqual(rig.takeTold(), ["unpublish test timeout", "disconnect timeout"]);
});

test("a publisher that sends one frame in nine seconds is not silent", () => {
  const rig = new Rig({ publishIdleMs: 10_000 });
  const publisher = rig.publisher();
  for (let at = 0; at < 20; at++) {
    publisher.message(Audio, 1, at * 9000, audioFrame());
    pass(rig, 9000);
  }
  assert.ok(alive(publisher));
});

test("a publisher that sends a byte a second and no whole message is gone after publishStartMs", () => {
  const rig = new Rig({ publishStartMs: 20_000, publishIdleMs: 10_000 });
  const publisher = rig.publisher();
  const bytes = publisher.encode(Audio, 1, 0, new Uint8Array(100));
  let at = 0;
  pass(rig, 19_500, () => publisher.write(bytes.subarray(at, ++at)));
  assert.ok(alive(publisher));
  pass(rig, 500);
  assert.ok(!alive(publisher));
  assert.match(String(publisher.session.core.error?.message), /sent no media within 20000 ms/);
});

test("each NetStream that publishes has to send media, whatever the others do", () => {
  const rig = new Rig({ publishStartMs: 20_000, publishIdleMs: 10_000 });
  const client = rig.client().connected(2);
  client.publish(1, "a");
  client.publish(2, "b");
  client.message(Audio, 2, 0, audioFrame());
  pass(rig, 9500, () => client.message(Audio, 1, 0, audioFrame()));
  assert.ok(alive(client));
  pass(rig, 500, () => client.message(Audio, 1, 0, audioFrame()));
  assert.ok(!alive(client));
});

/** A rig whose plugin decides about a publish of `slow` when it is told to. */
function decidingRig(settings: ConstructorParameters<typeof Rig>[0] = {}) {
  let decide = () => {};
  const rig = new Rig({ hookTimeoutMs: 1e6, ...settings }, {
    name: "slow",
    onPublish: ({ name }) =>
      name === "slow" ? new Promise<void>((resolve) => decide = resolve) : undefined,
  });
  return { rig, decide: () => decide() };
}

test("while a publisher is kept waiting for a decision its silence does not count", async () => {
  const { rig, decide } = decidingRig({ publishIdleMs: 10_000, publishStartMs: 1e6 });
  const client = rig.client().connected(2);
  client.publish(1, "a");
  client.message(Audio, 1, 0, audioFrame(20));
  client.publish(2, "slow");
  pass(rig, 60_000);
  decide();
  await settle();
  pass(rig, 9500);
  assert.ok(alive(client), "it has had no time to send anything");
  pass(rig, 1000);
  assert.ok(!alive(client));
});

test("nor does the time in which it neither publishes nor plays, nor is it asked for a sign of life", async () => {
  const { rig, decide } = decidingRig({
    idleTimeoutMs: 20_000,
    pingIntervalMs: 5000,
    publishStartMs: 1e6,
  });
  const client = rig.client().connected();
  client.publish(1, "a");
  pass(rig, 1000);
  client.command(1, "closeStream", 0, null);
  client.publish(1, "slow");
  client.takeMessages();
  pass(rig, 60_000);
  assert.deepEqual(client.takeMessages(), [], "it is not even read");
  decide();
  await settle();
  rig.clock.advance(500);
  assert.ok(alive(client));
  const pings = () => client.takeMessages().filter(({ type }) => type === UserControl).length;
  pings();
  pass(rig, 4000);
  assert.equal(pings(), 0);
  pass(rig, 1500);
  assert.equal(pings(), 1);
});

test("a publisher that gives no sign of life to who wants its name is cut off without a farewell", async () => {
  const rig = new Rig({ publishPolicy: "reject", publishProbeMs: 2000 });
  const dead = rig.publisher("a");
  dead.connection.block();
  const other = rig.client().connected();
  other.publish(1, "a");
  pass(rig, 2500);
  await settle();
  assert.equal(dead.connection.closing, "destroy");
  assert.deepEqual(other.codes(), ["NetStream.Publish.Start"]);
});

test("a publisher has so long for a sign of life from when it is asked, and is let alone with one", async () => {
  for (const answers of [false, true]) {
    const rig = new Rig({ publishPolicy: "reject", publishProbeMs: 2000 });
    const publisher = rig.publisher("a");
    pass(rig, 5000, () => publisher.message(Audio, 1, 0, audioFrame()));
    const other = rig.client().connected();
    publisher.take();
    other.publish(1, "a");
    assert.deepEqual(publisher.take(), ["pingRequest 5000"], "it is asked at once");
    await settle();
    pass(rig, 1500);
    await settle();
    assert.ok(alive(publisher));
    assert.deepEqual(other.codes(), []);
    if (answers) publisher.message(Audio, 1, 0, audioFrame());
    pass(rig, 1000);
    await settle();
    assert.equal(alive(publisher), answers);
    assert.deepEqual(other.codes(), [
      answers ? "NetStream.Publish.BadName" : "NetStream.Publish.Start",
    ]);
  }
});
