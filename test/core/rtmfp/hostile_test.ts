/** What a client of RTMFP with keys cannot do: hold memory without end, buy much work, have others flooded. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { ReceiveFlow } from "../../../src/core/rtmfp/receive_flow.ts";
import { stopwatch } from "../../support/cpu.ts";
import type { PeerOptions } from "../../support/rtmfp/peer.ts";
import { chunk, opt, vlu } from "../../support/rtmfp/wire.ts";
import { Rig } from "./rig.ts";

const MAX_MESSAGE_BYTES = 64 * 1024;
const ELSEWHERE = { hostname: "198.51.100.7", port: 53 };

function opened(options: PeerOptions = {}) {
  const rig = new Rig({}, 1, MAX_MESSAGE_BYTES);
  const { peer } = rig.peer(undefined, options);
  peer.connect("rtmfp://server.example/live", rig.now);
  assert.ok(rig.until(() => peer.state === "open", 5000));
  const give = (chunks: Uint8Array, from = { hostname: "10.0.0.1", port: 5000 }) => {
    const datagram = peer.sealed(chunks, rig.now);
    const before = rig.sent.length;
    rig.responder.receive(datagram, from, rig.now);
    return { datagram, answers: rig.sent.slice(before) };
  };
  return { rig, peer, give, side: rig.sides[0]! };
}

/** User Data of a flow of messages. */
const data = (id: number, sequence: number, flags = 0x10, bytes = new Uint8Array(0)) =>
  chunk(
    0x10,
    Buffer.from([0x80 | flags]),
    vlu(id),
    vlu(sequence),
    vlu(sequence),
    opt(0, Buffer.from([0x54, 0x43, 4, 0])),
    vlu(0),
    bytes,
  );

test("fragments ahead of one that never comes are held up to a bound, however short they are", () => {
  const { give, side, rig } = opened();
  for (let id = 2; id < 22; id++) {
    for (let sequence = 2; sequence < 500; sequence += 40) {
      give(Buffer.concat(Array.from({ length: 40 }, (_, more) => data(id, sequence + more))));
    }
  }
  const { incoming } = side.session!;
  let early = 0;
  let bytes = 0;
  for (const flow of incoming.flows) {
    early += flow.ahead.length;
    bytes += flow.heldBytes;
  }
  assert.equal(incoming.heldBytes, bytes, "what is counted is what is held");
  assert.ok(
    early > 5000 && early <= (MAX_MESSAGE_BYTES + (1 << 20)) / 128 + 1,
    `${early} are held`,
  );
  rig.pass(100);
  assert.equal(side.closed, undefined);
});

test("fragments in the worst order cost no more than others", () => {
  const time = stopwatch();
  let count = 0;
  for (let rounds = 0; rounds < 20; rounds++) {
    const flow = new ReceiveFlow(2, new Uint8Array(4), undefined, 1000);
    for (let sequence = 2001; sequence > 1; sequence--, count++) {
      flow.receive(sequence, 0, 0, new Uint8Array(1));
      // Each asks for all that is there to be told, as an acknowledgement does.
      assert.equal(flow.ahead[0], sequence);
    }
    flow.receive(2002, 2001, 0, new Uint8Array(1));
    assert.deepEqual([flow.messages.length, flow.hasGap], [2001, false]);
  }
  // Sorting them for each would take some fifty times as long.
  assert.ok(time() < 1000, `${time()} ms for ${count}`);
});

test("flows that end leave nothing behind, and those that do not are few", () => {
  const { give, side } = opened();
  side.takes = false;
  for (let id = 2; id < 1000; id++) give(data(id, 1, 0x01, Buffer.from([1, 2, 3])));
  const { incoming } = side.session!;
  assert.ok([...incoming.flows].length <= 64 + 1);
  assert.ok(incoming.heldBytes < 64 * 100, `${incoming.heldBytes} bytes`);
  side.takes = true;
  const answers = [];
  for (let id = 5000; id < 5100; id++) answers.push(...give(data(id, 1)).answers);
  assert.equal([...incoming.flows].filter(({ ended }) => !ended).length, 64);
  assert.ok(answers.length > 0);
});

for (const options of [{}, { codeLength: 16, numbered: true }]) {
  test(
    `nobody is sent more than came in his name, ${options.codeLength ? "with" : "without"} codes`,
    () => {
      const { rig, give, side, peer } = opened(options);
      const pings = (count: number, length: number) =>
        Buffer.concat(Array.from({ length: count }, () => chunk(0x01, Buffer.alloc(length, 7))));
      const packets: Uint8Array[] = [
        pings(0, 0),
        pings(1, 0),
        pings(300, 0),
        pings(1, 900),
        pings(20, 40),
      ];
      packets.push(Buffer.concat([pings(1, 0), data(2, 1)]), chunk(0x0c));
      for (const [index, chunks] of packets.entries()) {
        // Each from an address of its own, so that it is asked.
        const from = { ...ELSEWHERE, port: 100 + index };
        const { datagram, answers } = give(chunks, from);
        const there = answers.filter(({ to }) => to.port === from.port);
        const bytes = there.reduce((sum, { datagram }) => sum + datagram.length, 0);
        assert.ok(bytes <= datagram.length, `${bytes} bytes for ${datagram.length}`);
        // Who has moved is asked by the first packet he sends, however short that is.
        if (index === 1) assert.equal(there.length, 1);
        rig.pass(11_000);
        if (peer.state !== "open") break;
      }
      assert.deepEqual(side.moved, []);
    },
  );
}

test("a packet full of pings has few answers", () => {
  const { give } = opened();
  const { answers } = give(Buffer.concat(Array.from({ length: 390 }, () => chunk(0x01))));
  assert.equal(answers.length, 4);
});
