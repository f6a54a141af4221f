/** Sessions of RTMFP, with independent initiators over links that lose, re-order and repeat. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { metadataOf, tcMessage } from "../../../src/core/rtmfp/tc_message.ts";
import { KEEPALIVE_MS, SILENT_MS } from "../../../src/core/rtmfp/session.ts";
import { check } from "../../support/property.ts";
import type { PeerOptions } from "../../support/rtmfp/peer.ts";
import type { Came } from "../../support/rtmfp/peer_inbound.ts";
import { chances, type Faults, Rig } from "./rig.ts";

const LOSSY: Faults = { lost: 0.05, late: 0.05, twice: 0.02 };
const URL = "rtmfp://server.example/live";

/** A rig with an open session. */
function opened(faults: Faults = {}, seed = 1, options: PeerOptions = {}, maxBytes = 1 << 20) {
  const rig = new Rig(faults, seed, maxBytes);
  const { peer, moveTo } = rig.peer(undefined, options);
  peer.connect(URL, rig.now);
  assert.ok(rig.until(() => peer.state === "open", 10_000));
  return { rig, peer, moveTo, side: rig.sides.at(-1)! };
}

function messagesOf(seed: number, count: number, longest: number): Uint8Array[] {
  const chance = chances(seed);
  return Array.from({ length: count }, () => {
    const length = Math.floor(chance() ** 3 * longest);
    return Uint8Array.from({ length }, () => Math.floor(chance() * 256));
  });
}

const digest = (parts: Iterable<Uint8Array>) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length} `).update(part);
  return hash.digest("hex");
};

test("messages of any length arrive in order over a link that loses, re-orders and repeats, both ways", () => {
  check(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.record({
        bits: fc.boolean(),
        fragmentBytes: fc.integer({ min: 200, max: 1100 }),
        codeLength: fc.option(fc.integer({ min: 4, max: 32 }), { nil: undefined }),
        numbered: fc.boolean(),
      }),
      (seed, options) => {
        const { rig, peer, side } = opened(LOSSY, seed, options);
        const there = messagesOf(seed, 40, 20_000);
        const back = messagesOf(seed + 1, 40, 20_000);
        for (const [at, payload] of there.entries()) peer.write(0, 20, at, payload, rig.now);
        const came: Came[] = [];
        peer.onMessage = (message) => came.push(message);
        const flow = side.session!.outgoing.open(metadataOf(3), 2, true);
        for (const [at, payload] of back.entries()) flow.write(tcMessage(9, at, payload));
        side.session!.flush(rig.now);
        assert.ok(
          rig.until(() => side.messages.length === 40 && came.length === 40, 120_000),
          `${side.messages.length} and ${came.length} came`,
        );
        assert.equal(
          digest(side.messages.map(({ bytes }) => bytes)),
          digest(there.map((payload, at) => tcMessage(20, at, payload))),
        );
        assert.equal(digest(came.map(({ payload }) => payload)), digest(back));
        assert.ok(
          came.every(({ streamId, type, timestamp }, at) =>
            streamId === 3 && type === 9 && timestamp === at
          ),
        );
        assert.ok(rig.until(() => side.session!.outgoing.idle, 10_000));
        assert.equal(flow.bufferedBytes, 0);
        assert.equal(flow.unacknowledgedBytes, 0);
        assert.equal(side.session!.outgoing.flight.bytes, 0);
        assert.equal(side.session!.incoming.heldBytes, 0);
      },
    ),
    4,
  );
});

test("what is late is given up, and what follows arrives", () => {
  const { rig, peer, side } = opened();
  const came: number[] = [];
  peer.onMessage = ({ timestamp }) => came.push(timestamp);
  const flow = side.session!.outgoing.open(metadataOf(1), 2, true);
  flow.write(tcMessage(9, 0, new Uint8Array(100)));
  side.session!.flush(rig.now);
  rig.pass(100);
  // Nothing gets through for a while: a message of many parts is half sent, and another not at all.
  rig.peers.clear();
  flow.write(tcMessage(9, 1, new Uint8Array(50_000)), rig.now + 300);
  flow.write(tcMessage(9, 2, new Uint8Array(50)), rig.now + 300);
  flow.write(tcMessage(9, 3, new Uint8Array(5000)));
  side.session!.flush(rig.now);
  rig.pass(1000);
  rig.peers.set("10.0.0.1:5000", peer);
  assert.ok(rig.until(() => came.includes(3), 5000));
  assert.deepEqual(came, [0, 3]);
  assert.ok(rig.until(() => flow.idle, 5000));
  assert.equal(flow.bufferedBytes, 0);
});

test("fragments that were given up by the peer are not waited for", () => {
  const { rig, side, peer } = opened();
  const { packet } = peer;
  // Every third message is lost for good.
  let count = 0;
  peer.packet = (chunks, now) => {
    if (chunks[0] === 0x10 && ++count % 3 === 0) return;
    packet.call(peer, chunks, now);
  };
  for (let at = 0; at < 9; at++) peer.write(1, 9, at, Buffer.alloc(100), rig.now);
  rig.pass(50);
  assert.ok(side.messages.length < 6);
  peer.packet = packet;
  // The peer says that nothing before the next one comes.
  const chunk = Buffer.from([0x10, 0, 9, 0, 2, 10, 0, 9, 0, 0, 0, 9]);
  peer.packet(chunk, rig.now);
  rig.pass(50);
  assert.equal(side.messages.at(-1)!.bytes.length, 5);
  assert.equal(side.flows[0]!.cumulative, 10);
});

test("a message that is too long ends its flow, and the session goes on", () => {
  const { rig, peer, side } = opened({}, 1, {}, 10_000);
  peer.write(0, 20, 0, Buffer.alloc(9000), rig.now);
  peer.write(1, 9, 0, Buffer.alloc(11_000), rig.now);
  rig.pass(500);
  assert.equal(side.messages.length, 1);
  assert.deepEqual(peer.refused, [1]);
  peer.write(0, 20, 0, Buffer.alloc(9000), rig.now);
  rig.pass(500);
  assert.equal(side.messages.length, 2);
});

test("flows that nobody wants, and too many of them, are refused", () => {
  const { rig, peer, side } = opened();
  side.wants = false;
  peer.write(5, 9, 0, Buffer.alloc(10), rig.now);
  rig.pass(200);
  assert.deepEqual(peer.refused, [5]);
  side.wants = true;
  for (let stream = 10; stream < 90; stream++) {
    peer.write(stream, 9, 0, Buffer.alloc(10), rig.now);
    rig.pass(20);
  }
  rig.pass(500);
  assert.equal(side.messages.length, 64);
  assert.equal(peer.refused.length, 17);
});

test("a peer that is not read is told that there is no room, and goes on when there is", () => {
  const { rig, peer, side } = opened();
  side.takes = false;
  for (let at = 0; at < 200; at++) peer.write(1, 9, at, Buffer.alloc(10_000), rig.now);
  rig.pass(3000);
  const held = side.session!.incoming.heldBytes;
  assert.ok(held > 200_000 && held < 300_000, `${held} bytes are held`);
  side.takes = true;
  side.take(side.flows[0]!);
  side.session!.taken(side.flows[0]!, rig.now);
  assert.ok(rig.until(() => side.messages.length === 200, 20_000));
});

test("a peer without room is asked for it, and sent no more meanwhile", () => {
  const { rig, peer, side } = opened({}, 1, { blocks: 0 });
  const flow = side.session!.outgoing.open(metadataOf(1), 2, false);
  for (let at = 0; at < 10; at++) flow.write(tcMessage(9, at, new Uint8Array(60_000)));
  side.session!.flush(rig.now);
  rig.pass(3000);
  const stuck = flow.bufferedBytes;
  assert.ok(stuck > 400_000);
  rig.pass(2000);
  assert.equal(flow.bufferedBytes, stuck);
  Object.assign(peer.options, { blocks: 256 });
  assert.ok(rig.until(() => flow.idle, 20_000));
});

test("a peer that moves is asked there, and what it plays goes on at once", () => {
  const { rig, peer, side, moveTo } = opened();
  const flow = side.session!.outgoing.open(metadataOf(1), 2, true);
  const came: number[] = [];
  peer.onMessage = ({ timestamp }) => came.push(timestamp);
  const play = () => {
    flow.write(tcMessage(9, rig.now, new Uint8Array(3000)));
    side.session!.flush(rig.now);
    rig.pass(40);
  };
  for (let at = 0; at < 10; at++) play();
  const next = { hostname: "10.9.9.9", port: 7777 };
  moveTo(next);
  const movedAt = rig.now;
  peer.packet(Buffer.from([0x01, 0, 0]), rig.now);
  for (let at = 0; at < 40; at++) play();
  assert.deepEqual(side.moved, [next]);
  const after = came.filter((time) => time >= movedAt);
  assert.equal(after.length, 40);
  assert.ok(rig.sent.slice(-5).every(({ to }) => to.port === 7777));
});

test("who sends again what he saw from another address gets a question, and not the session", () => {
  const { rig, peer, side } = opened();
  const seen = peer.sealed(Buffer.from([0x01, 0, 0]), rig.now);
  const thief = { hostname: "66.6.6.6", port: 666 };
  const before = rig.sent.length;
  for (let at = 0; at < 100; at++) rig.toServer(seen, thief);
  rig.pass(500);
  assert.deepEqual(side.moved, []);
  const toThief = rig.sent.slice(before).filter(({ to }) => to.port === 666);
  const bytes = toThief.reduce((sum, { datagram }) => sum + datagram.length, 0);
  assert.ok(bytes <= 100 * seen.length + 64, `${bytes} bytes for ${100 * seen.length}`);
  // What he is asked he cannot answer: sent back as it is, it is a packet of ours.
  for (const { datagram } of toThief) rig.toServer(datagram, thief);
  rig.pass(500);
  assert.deepEqual(side.moved, []);
  assert.equal(side.session!.address.port, 5000);
});

test("damaged, foreign and repeated packets change nothing", () => {
  const { rig, peer, side } = opened({}, 1, { codeLength: 16, numbered: true });
  const datagram = peer.sealed(
    Buffer.concat([
      Buffer.from([0x10, 0, 20, 0x80, 2, 1, 1, 5, 0, 0x54, 0x43, 4, 0, 0]),
      Buffer.alloc(9),
    ]),
    rig.now,
  );
  const from = { hostname: "10.0.0.1", port: 5000 };
  for (let at = 4; at < datagram.length; at++) {
    const damaged = new Uint8Array(datagram);
    damaged[at]! ^= 1;
    assert.equal(rig.responder.receive(damaged, from, rig.now), false);
  }
  assert.equal(side.messages.length, 0);
  assert.equal(rig.responder.receive(datagram, from, rig.now), true);
  assert.equal(rig.responder.receive(datagram, from, rig.now), false);
  assert.equal(side.flows.length, 1);
});

test("a silent peer is asked for a sign of life, and forgotten without one", () => {
  const { rig, peer, side } = opened();
  rig.pass(2 * SILENT_MS);
  assert.equal(side.closed, undefined);
  assert.ok(side.pongs > 0);
  peer.packet(Buffer.from([0x01, 0, 2, 7, 7]), rig.now);
  rig.pass(50);
  assert.equal(peer.pongs, 1);
  rig.peers.clear();
  rig.pass(SILENT_MS - KEEPALIVE_MS);
  assert.equal(side.closed, undefined);
  rig.pass(2 * KEEPALIVE_MS);
  assert.equal(side.closed, "timeout");
  assert.equal(rig.responder.size, 0);
});

test("a session is closed by either side, answered as long as it may have to be, and forgotten", () => {
  const first = opened(LOSSY, 3);
  first.peer.close(first.rig.now);
  first.rig.pass(200);
  for (let at = 0; at < 5 && first.peer.state === "open"; at++) {
    first.peer.close(first.rig.now);
    first.rig.pass(200);
  }
  assert.equal(first.peer.state, "closed");
  assert.equal(first.side.closed, "closed");
  first.rig.pass(4000);
  assert.equal(first.rig.responder.size, 0);
  const second = opened();
  second.side.session!.close(second.rig.now);
  second.rig.pass(100);
  assert.equal(second.peer.state, "closed");
  assert.equal(second.side.closed, "closed");
  assert.equal(second.rig.responder.size, 0);
  const third = opened();
  third.rig.peers.clear();
  third.side.session!.close(third.rig.now);
  third.rig.pass(3000);
  assert.equal(third.side.closed, "closed");
  assert.equal(third.rig.responder.size, 0);
});

test("the end of a flow is told once all of it has come", () => {
  const { rig, peer, side } = opened(LOSSY, 5);
  for (let at = 0; at < 20; at++) peer.write(1, 9, at, Buffer.alloc(3000), rig.now);
  peer.finish("1 video", rig.now);
  assert.ok(rig.until(() => side.ended.length === 1, 20_000));
  assert.equal(side.messages.length, 20);
  // What comes behind an end is nothing.
  peer.packet(Buffer.from([0x10, 0, 9, 0, 2, 99, 1, 9, 0, 0, 0, 9]), rig.now);
  rig.pass(100);
  assert.equal(side.messages.length, 20);
});

test("a flow that the peer refuses is given up", () => {
  const { rig, peer, side } = opened();
  const flow = side.session!.outgoing.open(metadataOf(1), 2, false);
  flow.write(tcMessage(9, 0, new Uint8Array(100_000)));
  side.session!.flush(rig.now);
  rig.pass(20);
  peer.packet(Buffer.from([0x5e, 0, 2, flow.id, 0]), rig.now);
  assert.ok(rig.until(() => flow.over, 5000));
  assert.equal(side.refusedFlows, 1);
  assert.equal(flow.bufferedBytes, 0);
  rig.pass(200);
  assert.equal(side.session!.outgoing.flowCount, 0);
});

test("time critical packets say so, and others of the server yield to them", () => {
  const { rig, peer, side } = opened();
  const flow = side.session!.outgoing.open(metadataOf(1), 2, true);
  flow.write(tcMessage(8, 0, new Uint8Array(100)));
  side.session!.flush(rig.now);
  rig.pass(50);
  assert.equal(peer.criticalPackets, 1);
  const window = () => side.session!.outgoing.congestion.window;
  const grown = (yields: boolean) => {
    const { rig, side, peer } = opened({}, 9);
    const flow = side.session!.outgoing.open(metadataOf(1), 2, false);
    for (let at = 0; at < 20; at++) flow.write(tcMessage(9, at, new Uint8Array(20_000)));
    peer.reverse = yields;
    side.session!.flush(rig.now);
    rig.pass(60);
    return side.session!.outgoing.congestion.window;
  };
  assert.ok(window() > 0);
  assert.ok(grown(true) < grown(false));
});

test("the window grows where nothing is lost, and shrinks where something is", () => {
  const { rig, side } = opened();
  const { congestion } = side.session!.outgoing;
  const start = congestion.window;
  const flow = side.session!.outgoing.open(metadataOf(1), 2, false);
  for (let at = 0; at < 100; at++) flow.write(tcMessage(9, at, new Uint8Array(20_000)));
  side.session!.flush(rig.now);
  rig.pass(120);
  assert.ok(congestion.window > 4 * start);
  const before = congestion.window;
  rig.peers.clear();
  rig.pass(3000);
  assert.ok(congestion.window < before / 2);
});
