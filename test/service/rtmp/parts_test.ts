/** Parts of RTMP sessions by themselves. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { md5 } from "../../../src/core/bytes/md5.ts";
import { ProtocolError } from "../../../src/core/errors.ts";
import type { EndReason } from "../../../src/plugin/mod.ts";
import { protocolOf } from "../../../src/service/rtmp/describe.ts";
import { EndQueue } from "../../../src/service/rtmp/end_queue.ts";
import { type LoginClaim, Logins, readLoginClaim } from "../../../src/service/rtmp/logins.ts";
import { FakeClock } from "../../support/clock.ts";
import { Rig, settle } from "../../support/rtmp_service.ts";

test("what a client speaks is named by what is around it", () => {
  const names: Record<string, string> = {};
  for (const tunnelled of [false, true]) {
    for (const encrypted of [false, true]) {
      for (const secure of [false, true]) {
        const key = [tunnelled && "tunnel", encrypted && "RTMPE", secure && "TLS"].filter(Boolean);
        names[key.join("+")] = protocolOf({ tunnelled, encrypted, secure, inFlows: false });
        const inFlows = protocolOf({ tunnelled, encrypted, secure, inFlows: true });
        assert.equal(inFlows, "rtmfp");
      }
    }
  }
  assert.deepEqual(names, {
    "": "rtmp",
    "TLS": "rtmps",
    "RTMPE": "rtmpe",
    "RTMPE+TLS": "rtmpe",
    "tunnel": "rtmpt",
    "tunnel+TLS": "rtmpts",
    "tunnel+RTMPE": "rtmpte",
    "tunnel+RTMPE+TLS": "rtmpte",
  });
  assert.equal(protocolOf({ tunnelled: false, encrypted: false, secure: false }), "rtmp");
});

test("what is to end does so in the next turn, once, and what is added then in the one behind", () => {
  const clock = new FakeClock();
  const queue = new EndQueue(clock);
  const done: string[] = [];
  const other = { finish: () => void done.push("other") };
  const one = {
    finish: () => {
      done.push("one");
      queue.add(other);
    },
  };
  queue.add(one);
  queue.add(one);
  queue.add({ finish: () => void done.push("two") });
  assert.deepEqual([done, clock.pending], [[], 1]);
  clock.advance(0);
  // The turn behind it is due at once, too.
  assert.deepEqual(done, ["one", "two", "other"]);
  assert.equal(clock.pending, 0);
  queue.add(other);
  clock.advance(0);
  assert.equal(done.length, 4);
});

const digest = (text: string) => btoa(String.fromCharCode(...md5(new TextEncoder().encode(text))));

/** Random bytes that are others each time, and how many were asked for. */
function logins() {
  const lengths: number[] = [];
  let count = 0;
  const made = new Logins((length) => {
    lengths.push(length);
    const bytes = new Uint8Array(length);
    new DataView(bytes.buffer).setUint32(0, ++count);
    return bytes;
  });
  return { made, lengths };
}

const ASK: LoginClaim = { user: "ann", challenge: "", response: "", opaque: "" };
const KNOWN = { kind: "password", password: "p" } as const;

/** The answer of a client that is challenged at `now`. */
function challenged(made: Logins, now: number): LoginClaim {
  const { description } = made.step(ASK, KNOWN, now)!;
  const query = new URLSearchParams(description.slice(description.indexOf("?") + 1));
  const opaque = query.get("opaque")!;
  const secret = digest(`ann${query.get("salt")}p`);
  return { user: "ann", opaque, challenge: "c", response: digest(`${secret}${opaque}c`) };
}

test("a challenge is of its minute, and one that is to come is none", () => {
  const { made, lengths } = logins();
  assert.equal(made.step(challenged(made, 5000), KNOWN, 5000), undefined, "at once");
  assert.deepEqual(lengths, [32, 4], "a secret of 32 bytes, and 4 by chance");
  assert.equal(made.step(challenged(made, 5999), KNOWN, 64_999), undefined);
  assert.equal(made.step(challenged(made, 5999), KNOWN, 65_000)?.failed, true);
  assert.equal(made.step(challenged(made, 6000), KNOWN, 5999)?.failed, true);
});

test("a thousand answers are remembered, so that none is taken twice", () => {
  const { made } = logins();
  const first = challenged(made, 0);
  assert.equal(made.step(first, KNOWN, 0), undefined);
  const right = () => assert.equal(made.step(challenged(made, 0), KNOWN, 0), undefined);
  for (let count = 1; count < 1000; count++) right();
  assert.equal(made.step(first, KNOWN, 0)?.failed, true);
});

test("a user has a name of 4096 letters at the most", () => {
  const user = (length: number) =>
    readLoginClaim(new URLSearchParams({ authmod: "adobe", user: "x".repeat(length) }));
  assert.equal(user(4096)?.user.length, 4096);
  assert.equal(user(4097), undefined);
  const claim = readLoginClaim(
    new URLSearchParams("authmod=adobe&user=a&challenge=c&response=r&opaque=o"),
  );
  assert.deepEqual(claim, { user: "a", challenge: "c", response: "r", opaque: "o" });
  assert.deepEqual(readLoginClaim(new URLSearchParams("authmod=adobe&user=a")), {
    ...{ user: "a", challenge: "", response: "", opaque: "" },
  });
});

test("a decision that takes its time costs its client as much as five commands besides", async () => {
  const decided = Promise.withResolvers<void>();
  const rig = new Rig({}, { name: "slow", onPublish: () => decided.promise });
  const client = rig.client().connected();
  rig.clock.advance(100);
  client.publish(1, "test");
  // A turn begins with 16; the command has 37 bytes, which is one of 32 beside the 20 of any.
  assert.equal(client.session.core.allowance, 16 - 21 - 100);
  decided.resolve();
  await settle();
  assert.deepEqual(client.codes(), ["NetStream.Publish.Start"]);
});

test("at a stop clients have as long as they had for the handshake, and at any other end less", () => {
  for (const [reason, ms] of [["shutdown", 3000], ["kicked", 750]] as const) {
    const rig = new Rig({ openingTimeoutMs: 3000, playerStallMs: 1e6 });
    const client = rig.publisher();
    client.connection.block();
    client.command(0, "_checkbw", 9, null);
    client.session.endNow(reason);
    rig.clock.advance(ms - 1);
    assert.equal(client.connection.closing, undefined, reason);
    rig.clock.advance(1);
    assert.equal(client.connection.closing, "destroy", reason);
  }
});

test("what a client did wrong is a warning of one that was let in, and else no more than news", () => {
  for (const [letIn, level] of [[false, "info"], [true, "warn"]] as const) {
    const rig = new Rig();
    const client = letIn ? rig.client().connected() : rig.client().shake();
    const levels: string[] = [];
    client.session.context.endings.say = (said) => void levels.push(said);
    client.session.evict("Others needed its place");
    assert.deepEqual(levels, [level]);
    assert.equal(client.connection.closing, "destroy");
    assert.ok(client.session.core.error instanceof ProtocolError);
    assert.equal(client.session.endReason, "timeout");
  }
});

test("players wait for a publisher that was lost, and for none that said goodbye or was ended", () => {
  const waits: Record<string, boolean> = {
    ...{ disconnected: true, timeout: true, stalled: true, protocol: true, internal: true },
    ...{ client: false, kicked: false, refused: false, shutdown: false },
  };
  for (const [reason, isLost] of Object.entries(waits)) {
    const rig = new Rig({ reconnectWindowMs: 5000 });
    const publisher = rig.publisher();
    rig.player();
    publisher.session.endNow(reason as EndReason);
    const stream = rig.registry.get({ app: "live", name: "test" });
    assert.equal(stream?.live ?? false, isLost, reason);
    assert.equal(stream?.publisher, undefined);
  }
});

test("what a client said is made into what is masked once", () => {
  const client = new Rig().client();
  assert.equal(client.session.said, undefined);
  client.connected();
  assert.ok(client.session.said !== undefined);
  assert.equal(client.session.said, client.session.said);
});

test("how far a client has come is known, also once it is gone", () => {
  const rig = new Rig();
  const client = rig.client();
  assert.equal(client.session.progress, 0);
  client.write(Uint8Array.of(3));
  assert.equal(client.session.progress, 1);
  const other = rig.client().shake();
  assert.equal(other.session.progress, 2);
  other.connect("live");
  assert.equal(other.session.progress, 3);
  other.session.endNow("kicked");
  assert.equal(other.session.progress, 3);
  const broken = rig.client();
  broken.write(new Uint8Array(1).fill(3));
  assert.equal(broken.session.progress, 1);
  broken.session.endNow("kicked");
  assert.equal(broken.session.progress, 1);
});
