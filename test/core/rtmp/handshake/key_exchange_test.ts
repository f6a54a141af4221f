/** Where keys are put into a packet that has a digest somewhere as well. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { placeKeys } from "../../../../src/core/rtmp/handshake/key_exchange.ts";
import { placesIn } from "../../../support/rtmpe_client.ts";
import { noise } from "./harness.ts";

const KEY_POINTERS = [768, 1532];
const DIGEST_LENGTH = 32;

/** Where the digest is to which the four bytes at `base` point. */
function digestIn(packet: Uint8Array, base: number): number {
  const [a, b, c, d] = packet.subarray(base, base + 4);
  return base + 4 + (a! + b! + c! + d!) % 728;
}

test("keys are at both places, and the digest touches neither them nor what points to them", () => {
  const key = new Uint8Array(128).fill(0xee);
  const moved = new Set<number>();
  for (const base of [8, 772] as const) {
    for (let seed = 0; seed < 150; seed++) {
      const before = noise(1536, seed);
      const packet = before.slice();
      placeKeys(packet, key, base);
      const digest = digestIn(packet, base);
      const keys = ([772, 8] as const).map((layout) => placesIn(packet, layout).key);
      const taken = [...keys.map((at) => [at, 128]), ...KEY_POINTERS.map((at) => [at, 4])];
      for (const [at, length] of taken as [number, number][]) {
        assert.ok(digest >= at + length || at >= digest + DIGEST_LENGTH, `${base} ${seed}`);
      }
      for (const at of keys) assert.deepEqual(packet.subarray(at, at + 128), key);
      const isInKey = (at: number) => keys.some((start) => at >= start && at < start + 128);
      // Besides, only pointers moved, by steps of one and of seven.
      const changed: number[] = [];
      for (let at = 0; at < 1536; at++) {
        if (packet[at] !== before[at] && !isInKey(at)) changed.push(at);
      }
      if (changed.length === 0) continue;
      if ([base, ...KEY_POINTERS].some(isInKey)) continue;
      assert.deepEqual(
        changed,
        [base, ...KEY_POINTERS].toSorted((a, b) => a - b),
        `${base} ${seed}`,
      );
      const steps = (packet[768]! - before[768]! + 256) % 256;
      assert.equal((packet[1532]! - before[1532]! + 256) % 256, steps);
      assert.equal((packet[base]! - before[base]! + 256 * 7) % 256, 7 * steps % 256);
      moved.add(steps);
    }
  }
  assert.ok(moved.has(1) && moved.size > 1, `${[...moved]}`);
});
