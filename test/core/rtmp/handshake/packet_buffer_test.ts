import { test } from "node:test";
import assert from "node:assert/strict";
import { PacketBuffer } from "../../../../src/core/rtmp/handshake/packet_buffer.ts";
import { feedings } from "../../../support/feed.ts";
import { noise } from "./harness.ts";

test("a packet buffer holds nothing before the first byte, then twice what came at most", () => {
  const buffer = new PacketBuffer(1537);
  assert.equal(buffer.received.buffer.byteLength, 0);
  for (let length = 1; length <= 1537; length++) {
    buffer.take(Uint8Array.of(length & 0xff), 0);
    assert.equal(buffer.missing, 1537 - length);
    assert.equal(buffer.received.length, length);
    const held: number = buffer.received.buffer.byteLength;
    assert.ok(held <= Math.min(2 * length, 1537), `${held} held of ${length}`);
  }
});

test("a packet buffer joins segments and leaves what is too much", () => {
  const bytes = noise(2000);
  for (const segments of feedings(bytes)) {
    const buffer = new PacketBuffer(1537);
    let taken = 0;
    for (const segment of segments) {
      taken += buffer.take(segment, 0);
      segment.fill(0);
    }
    assert.equal(taken, 1537);
    assert.equal(buffer.missing, 0);
    assert.deepEqual(buffer.received, bytes.slice(0, 1537));
  }
});
