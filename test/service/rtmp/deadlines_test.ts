/** How long a client may take to do something at all, and to go. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import { audioFrame } from "../../support/media.ts";
import { Rig, type RigClient, settle } from "../../support/rtmp_service.ts";
import { sharedObject, USE } from "../../support/shared_object_client.ts";

const { Audio, UserControl } = MessageType;

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

test("a client that takes nothing from the beginning on is given up as soon as one that took something", () => {
  for (const room of [0, 100]) {
    const rig = new Rig({ playerStallMs: 1000 });
    const client = rig.client();
    client.connection.room = room;
    client.shake();
    rig.clock.advance(room === 0 ? 999 : 1249);
    assert.equal(client.connection.closing, undefined);
    rig.clock.advance(1);
    assert.equal(client.connection.closing, "destroy");
  }
});

test("who does not take its farewell is cut off after three quarters of a second", () => {
  const rig = new Rig({ playerStallMs: 60_000 });
  const client = rig.client().connected();
  client.connection.block();
  client.command(0, "_checkbw", 9, null);
  rig.clock.advance(1000);
  client.session.endNow("kicked");
  rig.clock.advance(749);
  assert.equal(client.connection.closing, undefined, "it may still take it");
  rig.clock.advance(1);
  assert.equal(client.connection.closing, "destroy");
});

test("what a decision takes is not the time of a client, and what it took before it is", async () => {
  let decide = () => {};
  const rig = new Rig({ openingTimeoutMs: 5000, hookTimeoutMs: 1e6 }, {
    name: "slow",
    onPublish: () => new Promise((resolve) => decide = () => resolve({ refuse: "No." })),
  });
  const client = rig.client().connected();
  rig.clock.advance(5000);
  client.publish(1, "a");
  rig.clock.advance(60_000);
  decide();
  await settle();
  client.command(0, "createStream", 9, null);
  rig.clock.advance(4500);
  assert.equal(client.session.core.phase, "connected");
  rig.clock.advance(1000);
  assert.equal(client.session.core.error?.message, "Neither publish nor play within 10000 ms");
});
