/** How long a client may take, phase by phase. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import { audioFrame, interFrame, keyFrame } from "../../support/media.ts";
import { Rig, type RigClient, settle } from "../../support/rtmp_service.ts";
import { sharedObject, USE } from "../../support/shared_object_client.ts";

const { Audio, Video, UserControl } = MessageType;

/** Advances by `ms` in steps of half a second, with `each` before every step. */
function pass(rig: Rig, ms: number, each: () => void = () => {}): void {
  for (let at = 0; at < ms; at += 500) {
    each();
    rig.clock.advance(500);
  }
}

const alive = (client: RigClient) => client.session.core.phase !== "closed";

test("a client that sends nothing is gone when the handshake should be done", async () => {
  const rig = new Rig({ openingTimeoutMs: 3000 });
  const client = rig.client();
  rig.clock.advance(2999);
  assert.ok(alive(client));
  rig.clock.advance(500);
  assert.ok(!alive(client));
  assert.equal(client.connection.closing, "end");
  await settle();
  assert.equal(rig.service.sessions.size, 0);
});

test("a handshake of one byte a second does not last longer", () => {
  const rig = new Rig({ openingTimeoutMs: 3000 });
  const client = rig.client();
  client.write(Uint8Array.of(3));
  pass(rig, 4000, () => client.write(Uint8Array.of(0)));
  assert.ok(!alive(client));
});

test("between handshake and connect there is that time again, whatever else is sent", () => {
  const rig = new Rig({ openingTimeoutMs: 2000 });
  const client = rig.client().shake();
  const ping = () => client.message(UserControl, 0, 0, Uint8Array.of(0, 6, 0, 0, 0, 1));
  pass(rig, 2000, ping);
  assert.ok(alive(client));
  pass(rig, 500, ping);
  assert.ok(!alive(client));
});

test("a client that neither publishes nor plays is gone after twice that time, pings or not", () => {
  const rig = new Rig({ openingTimeoutMs: 5000, pingIntervalMs: 2000 });
  const client = rig.client().connected();
  const ping = () => client.message(UserControl, 0, 0, Uint8Array.of(0, 6, 0, 0, 0, 1));
  pass(rig, 10_000, ping);
  assert.ok(alive(client));
  pass(rig, 500, ping);
  assert.ok(!alive(client));
});

test("publishes and plays that are refused do not prolong the time for the first", () => {
  const rig = new Rig({ openingTimeoutMs: 5000, playWaitMs: 0 }, {
    name: "guard",
    onPublish: () => ({ refuse: "No." }),
  });
  const client = rig.client().connected(2);
  const ask = () => {
    client.publish(1, "a");
    client.play(2, "a");
  };
  const asking = (ms: number) => {
    for (let at = 0; at < ms; at += 250) {
      ask();
      rig.clock.advance(250);
    }
  };
  asking(9750);
  assert.ok(alive(client));
  asking(750);
  assert.ok(!alive(client));
});

/** What each refuses, and how its client learns of it. */
const REFUSALS: Record<string, (client: RigClient) => void> = {
  "a publish that a plugin refuses": (client) => client.publish(1, "no"),
  "a play that a plugin refuses": (client) => client.play(1, "no"),
  "a publish of a name that is taken": (client) => client.publish(1, "taken"),
  "a play that nobody publishes": (client) => client.play(1, "nobody"),
  "a publish of a name that is none": (client) => client.publish(1, ".."),
  "a play of a name that is none": (client) => client.play(1, ".."),
};

/** A rig that refuses all that is in {@link REFUSALS}, and a client that does nothing else. */
function refusing(): { rig: Rig; client: RigClient } {
  const verdict = ({ name }: { name: string }) => name === "no" ? { refuse: "No." } : undefined;
  const settings = { playWaitMs: 0, publishPolicy: "reject", publishProbeMs: 0 } as const;
  const rig = new Rig(settings, { name: "guard", onPublish: verdict, onPlay: verdict });
  rig.publisher("taken");
  return { rig, client: rig.client().connected(2) };
}

for (const [what, ask] of Object.entries(REFUSALS)) {
  test(`${what} closes a connection that does nothing else within a second`, async () => {
    const { rig, client } = refusing();
    rig.clock.advance(3000);
    ask(client);
    assert.equal(client.codes().length, 1);
    rig.clock.advance(250);
    assert.equal(client.connection.closing, undefined, "it may ask for something else");
    rig.clock.advance(250);
    assert.equal(client.connection.closing, "end");
    await settle();
    assert.equal(rig.service.sessions.has(client.session.id), false);
    // A plugin is told of it as of any that was not let do what it wanted.
    assert.deepEqual(rig.takeTold(), ["disconnect refused"]);
  });

  test(`${what} closes no connection that asks for something else, or does something`, () => {
    const others: ((client: RigClient) => void)[] = [
      (client) => client.publish(2, "other"),
      (client) => client.play(2, "taken"),
      (client) => client.message(19, 0, 0, sharedObject("chat", [USE])),
    ];
    for (const other of others) {
      for (const before of [false, true]) {
        const { rig, client } = refusing();
        if (before) other(client);
        ask(client);
        rig.clock.advance(250);
        if (!before) other(client);
        rig.clock.advance(5000);
        assert.ok(alive(client));
      }
    }
    const { rig, client } = refusing();
    ask(client);
    rig.clock.advance(250);
    client.command(0, "createStream", 9, null);
    rig.clock.advance(3000);
    assert.ok(alive(client), "who makes a stream is going to use it");
  });
}

test("a client that is refused again and again, a name at a time, is heard", () => {
  const { rig, client } = refusing();
  for (const name of ["no", "nobody", "no", "nobody"]) {
    client.play(1, name);
    rig.clock.advance(450);
  }
  client.play(1, "taken");
  assert.ok(client.codes().includes("NetStream.Play.Start"));
  rig.clock.advance(3000);
  assert.ok(alive(client));
});

test("a peer that does not close its end is cut off within a second", async () => {
  for (const reason of ["kicked", "replaced", "refused"] as const) {
    const rig = new Rig();
    const client = rig.publisher();
    // It has a write in flight, so that the end of the connection waits.
    client.connection.block();
    client.command(0, "_checkbw", 9, null);
    client.session.end(reason);
    rig.clock.advance(250);
    assert.equal(client.connection.closing, undefined);
    rig.clock.advance(750);
    assert.equal(client.connection.closing, "destroy", reason);
    await settle();
    assert.equal(rig.service.sessions.size, 0);
  }
});

test("a connection whose only play was ended, and that asks for nothing, is closed two seconds later", async () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const player = rig.player();
  player.take();
  publisher.command(1, "closeStream", 0, null);
  assert.deepEqual(player.codes(), ["NetStream.Play.UnpublishNotify", "NetStream.Play.Stop"]);
  // Saying that it is done, answering pings and acknowledging is not asking.
  player.command(1, "closeStream", 0, null);
  player.command(0, "deleteStream", 0, null, 1);
  player.message(UserControl, 0, 0, Uint8Array.of(0, 7, 0, 0, 0, 0, 0, 0));
  pass(rig, 1500);
  assert.ok(alive(player));
  pass(rig, 500);
  assert.ok(!alive(player));
  assert.equal(player.connection.closing, "end");
  await settle();
  assert.deepEqual(rig.takeTold().filter((line) => line.includes("disconnect")), [
    "disconnect unpublished",
  ]);
});

test("a play that waited in vain is followed by the end of its connection", () => {
  const rig = new Rig({ playWaitMs: 5000 });
  const player = rig.player();
  pass(rig, 5500);
  assert.deepEqual(player.codes(), ["NetStream.Play.StreamNotFound"]);
  assert.ok(alive(player));
  pass(rig, 2000);
  assert.ok(!alive(player));
});

test("a connection whose play was ended stays when it plays, publishes or asks for something else", () => {
  const others: ((client: RigClient) => void)[] = [
    (client) => client.publish(2, "other"),
    (client) => client.play(2, "later"),
    (client) => client.message(19, 0, 0, sharedObject("chat", [USE])),
    (client) => client.command(0, "createStream", 9, null),
    (client) => client.command(0, "something", 9, null),
  ];
  for (const other of others) {
    const rig = new Rig();
    const publisher = rig.publisher();
    const player = rig.client().connected(2);
    player.play(1, "test");
    publisher.command(1, "closeStream", 0, null);
    pass(rig, 1000);
    other(player);
    pass(rig, 5000);
    assert.ok(alive(player));
  }
});

test("a play that its own client stops ends no connection early", () => {
  const rig = new Rig();
  rig.publisher();
  const player = rig.player();
  player.command(1, "closeStream", 0, null);
  pass(rig, 5000);
  assert.ok(alive(player));
});

test("the time for the first request counts from connect, not from the start of the connection", () => {
  const rig = new Rig({ openingTimeoutMs: 3000 });
  const client = rig.client();
  pass(rig, 2500);
  client.shake();
  pass(rig, 2500);
  client.connect();
  pass(rig, 5500);
  assert.ok(alive(client));
  pass(rig, 1000);
  assert.ok(!alive(client));
});

test("idle time counts from the end of the last publish or play", () => {
  const rig = new Rig({ idleTimeoutMs: 12_000 });
  const publisher = rig.publisher();
  pass(rig, 20_000, () => publisher.message(Audio, 1, 0, audioFrame()));
  publisher.command(1, "closeStream", 0, null);
  pass(rig, 11_500);
  assert.ok(alive(publisher));
  pass(rig, 500);
  assert.ok(!alive(publisher));
});

test("a play that waits for its publisher is not idle", () => {
  const rig = new Rig({ idleTimeoutMs: 2000, playWaitMs: 60_000 });
  const player = rig.player();
  pass(rig, 30_000);
  assert.ok(alive(player));
});

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

test("a silent player is pinged every pingIntervalMs and left alone", () => {
  const rig = new Rig({ pingIntervalMs: 10_000, publishStartMs: 60_000 });
  rig.publisher();
  const player = rig.player();
  player.take();
  pass(rig, 29_000);
  assert.equal(player.take().filter((reply) => reply.startsWith("pingRequest")).length, 2);
  assert.ok(alive(player));
});

test("a player whose socket takes nothing for playerStallMs is cut off, whatever is published", async () => {
  const rig = new Rig({ playerStallMs: 5000 });
  const publisher = rig.publisher();
  const player = rig.player();
  player.connection.block();
  let time = 0;
  const publish = () => publisher.message(Video, 1, time += 40, keyFrame(500));
  pass(rig, 4500, publish);
  assert.ok(alive(player));
  pass(rig, 1500, publish);
  assert.equal(player.connection.closing, "destroy");
  await settle();
  assert.deepEqual(rig.takeTold(), ["stop test stalled", "disconnect stalled"]);
  assert.ok(alive(publisher));
});

test("a player that takes a little now and then is slow, not stalled", () => {
  const rig = new Rig({ playerStallMs: 5000 });
  const publisher = rig.publisher();
  const player = rig.player();
  player.connection.block();
  publisher.message(Video, 1, 0, keyFrame(100_000));
  for (let round = 0; round < 5; round++) {
    pass(rig, 4500);
    player.connection.drain(1);
  }
  assert.ok(alive(player));
});

test("a player with nothing to read is not stalled", () => {
  const rig = new Rig({ playerStallMs: 2000 });
  const publisher = rig.publisher();
  const player = rig.player();
  pass(rig, 20_000, () => publisher.message(UserControl, 0, 0, Uint8Array.of(0, 7, 0, 0, 0, 0)));
  assert.ok(alive(player));
});

test("a client that does not take even its farewell is cut off", async () => {
  const rig = new Rig({ openingTimeoutMs: 3000 });
  const client = rig.client().connected();
  client.connection.block();
  client.session.endNow("refused");
  assert.equal(client.connection.closing, "end", "there is none for it");
  const held = rig.publisher("held");
  held.connection.block();
  held.command(0, "_checkbw", 9, null);
  held.session.endNow("shutdown");
  assert.equal(held.connection.closing, undefined, "its replies come first");
  pass(rig, 4500);
  assert.equal(held.connection.closing, "destroy");
  await settle();
  assert.equal(rig.service.sessions.size, 0);
});

test("a stalled player costs the others nothing", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const stalled = rig.player();
  const player = rig.player();
  stalled.connection.block();
  player.take();
  for (let frame = 0; frame < 50; frame++) {
    const body = frame % 10 === 0 ? keyFrame(500, frame) : interFrame(500, frame);
    publisher.message(Video, 1, frame * 40, body);
    assert.deepEqual(player.media(), [`9 ${frame * 40} ${frame}`]);
  }
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

test("a client whose play ended and that plays again at once is watched as before", () => {
  const rig = new Rig({ pingIntervalMs: 1000, playWaitMs: 1e6 });
  const publisher = rig.publisher();
  const player = rig.player();
  publisher.command(1, "deleteStream", 0, null, 1);
  player.play(1, "other");
  player.take();
  pass(rig, 5000);
  assert.ok(alive(player));
  assert.ok(player.takeMessages().filter(({ type }) => type === UserControl).length >= 4, "pinged");
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
