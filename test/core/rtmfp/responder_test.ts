/** Handshakes of RTMFP: cookies, forgeries, replays, and how much is answered to whom. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { test } from "node:test";
import { randomBytes } from "node:crypto";
import { COOKIE_SECONDS } from "../../../src/core/rtmfp/cookies.ts";
import { chances, Rig } from "./rig.ts";
import { RtmfpPeer } from "../../support/rtmfp/peer.ts";
import * as wire from "../../support/rtmfp/wire.ts";

const HERE = { hostname: "10.0.0.1", port: 5000 };

/** A rig, and a peer whose handshake is driven by hand. */
function shaken(url = "rtmfp://server.example/live") {
  const rig = new Rig();
  const { peer } = rig.peer(HERE);
  peer.connect(url, rig.now);
  assert.ok(rig.until(() => peer.state === "open", 5000));
  return { rig, peer };
}

test("a handshake takes place over any link, and its answer is sent again as long as it may be lost", () => {
  const rig = new Rig({ lost: 0.4, late: 0.2, twice: 0.2 }, 7);
  for (let port = 1; port <= 20; port++) {
    const { peer } = rig.peer({ hostname: "10.0.0.2", port });
    peer.connect("rtmfp://server.example/live", rig.now);
    assert.ok(rig.until(() => peer.state === "open", 30_000));
  }
  assert.equal(rig.responder.size, 20);
  assert.equal(rig.sides.length, 20);
});

test("nothing is kept for hellos, and no answer is longer than what it answers", () => {
  const rig = new Rig();
  for (let length = 0; length < 200; length++) {
    for (const tag of [0, 1, 16, 40]) {
      const discriminator = wire.opt(0x0a, Buffer.alloc(length, 0x61));
      const hello = wire.chunk(0x30, wire.field(discriminator), randomBytes(tag));
      const datagram = RtmfpPeer.startup(hello);
      const before = rig.sent.length;
      rig.responder.receive(datagram, HERE, rig.now);
      for (const { datagram: answer } of rig.sent.slice(before)) {
        assert.ok(answer.length <= datagram.length);
      }
      // Any URL that a client may have gets an answer with a tag of the usual length.
      if (length >= 11 && tag === 16) assert.equal(rig.sent.length, before + 1);
    }
  }
  assert.equal(rig.responder.size, 0);
});

test("a cookie of another address, of another server, or that is old, makes no session", () => {
  const { rig, peer } = shaken();
  const again = (from = HERE) => {
    const other = new RtmfpPeer(() => {});
    const datagram = RtmfpPeer.startup(other.keying(peer.cookie!));
    return rig.responder.receive(datagram, from, rig.now);
  };
  assert.equal(again({ hostname: "10.0.0.1", port: 5001 }), false);
  assert.equal(again({ hostname: "10.0.0.3", port: 5000 }), false);
  assert.equal(again(), true);
  rig.pass((COOKIE_SECONDS + 1) * 1000);
  assert.equal(again(), false);
  const other = new Rig();
  const keying = RtmfpPeer.startup(new RtmfpPeer(() => {}).keying(peer.cookie!));
  assert.equal(other.responder.receive(keying, HERE, other.now), false);
  assert.equal(other.responder.size, 0);
  assert.deepEqual(rig.refusals, ["cookie", "cookie", "cookie"]);
});

test("a handshake that is sent again makes no second session, neither during it nor behind it", () => {
  const { rig, peer } = shaken();
  assert.equal(rig.sides.length, 1);
  const before = rig.sent.length;
  assert.equal(rig.responder.receive(peer.startup!, HERE, rig.now), true);
  peer.packet(Buffer.from([0x01, 0, 0]), rig.now);
  rig.pass(100);
  const answers = rig.sent.length;
  assert.ok(answers > before);
  // The session has been heard of: its keys are known to be there.
  assert.equal(rig.responder.receive(peer.startup!, HERE, rig.now), false);
  assert.equal(rig.sent.length, answers);
  peer.close(rig.now);
  rig.pass(5000);
  assert.equal(rig.responder.size, 0);
  assert.equal(rig.responder.receive(peer.startup!, HERE, rig.now), false);
  assert.equal(rig.responder.size, 0);
  assert.deepEqual(rig.refusals, ["replayed"]);
  assert.equal(rig.sides.length, 1);
});

test("keys that cannot be made, and more than may be, are refused", () => {
  const { rig, peer } = shaken();
  const other = new RtmfpPeer(() => {});
  Object.assign(other.keys, { component: wire.opt(0x0d, Buffer.from([2, 1])) });
  assert.equal(
    rig.responder.receive(RtmfpPeer.startup(other.keying(peer.cookie!)), HERE, rig.now),
    false,
  );
  Object.assign(other.keys, { certificate: wire.opt(0x0a) });
  rig.responder.receive(RtmfpPeer.startup(other.keying(peer.cookie!)), HERE, rig.now);
  rig.admitted = false;
  const third = new RtmfpPeer(() => {});
  rig.responder.receive(RtmfpPeer.startup(third.keying(peer.cookie!)), HERE, rig.now);
  assert.deepEqual(rig.refusals, ["keys", "keys", "busy"]);
  assert.equal(rig.responder.size, 1);
});

test("a client is sent to another server, in an answer that is no longer than its hello", () => {
  const rig = new Rig();
  rig.redirects = (url) =>
    url.endsWith("/elsewhere") ? [{ ip: Uint8Array.of(192, 0, 2, 7), port: 1935 }] : undefined;
  const { peer } = rig.peer();
  peer.connect("rtmfp://server.example/elsewhere", rig.now);
  rig.pass(50);
  assert.equal(peer.redirectedAt!.toString("hex"), "02c0000207078f");
  assert.ok(rig.sent[0]!.datagram.length <= peer.startup!.length);
  const { peer: other } = rig.peer({ hostname: "10.0.0.9", port: 1 });
  other.connect("rtmfp://server.example/here", rig.now);
  assert.ok(rig.until(() => other.state === "open", 1000));
});

test("any datagram is read without a throw, and makes no session", () => {
  const { rig, peer } = shaken();
  const seed = Number(process.env.SLUICE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const chance = chances(seed);
  // A damaged handshake in 65536 has a right checksum, and may be one of another session.
  rig.admitted = false;
  const vectors = [
    RtmfpPeer.startup(peer.hello()),
    peer.startup!,
    peer.sealed(
      wire.chunk(0x10, Buffer.from([0x80, 2, 1, 1, 5, 0, 0x54, 0x43, 4, 0, 0, 1, 2, 3])),
      0,
    ),
  ];
  try {
    for (let at = 0; at < 3000; at++) {
      const datagram = Buffer.from(vectors[at % vectors.length]!);
      const length = Math.floor(chance() * (datagram.length + 1));
      for (let hits = 0; hits < 1 + at % 4; hits++) {
        datagram[Math.floor(chance() * datagram.length)] = Math.floor(chance() * 256);
      }
      rig.responder.receive(at % 3 === 0 ? datagram.subarray(0, length) : datagram, HERE, rig.now);
    }
    // Whatever is in packets that are genuine.
    for (let at = 0; at < 3000; at++) {
      const body = Buffer.from(Array.from({ length: at % 60 }, () => Math.floor(chance() * 256)));
      const types = [0x01, 0x0c, 0x10, 0x11, 0x18, 0x41, 0x50, 0x51, 0x5e, 0x7f, 0xec];
      const type = types[at % types.length]!;
      if (type === 0x0c) continue;
      const datagram = peer.sealed(wire.chunk(type, body), rig.now);
      rig.responder.receive(datagram, HERE, rig.now);
      const startup = [0x30, 0x38, 0x70, 0x78, 0x0f][at % 5]!;
      rig.responder.receive(RtmfpPeer.startup(wire.chunk(startup, body)), HERE, rig.now);
      if (at % 100 === 0) rig.pass(10);
    }
  } catch (error) {
    console.error(`Replay with SLUICE_TEST_SEED=${seed}`);
    throw error;
  }
  rig.pass(100);
  assert.equal(rig.responder.size, 1);
  assert.equal(rig.sides[0]!.closed, undefined);
  assert.ok(rig.sides[0]!.session!.incoming.heldBytes < 1 << 20);
});
