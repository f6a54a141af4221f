import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeAcknowledgement } from "../../../../src/core/rtmp/message/control.ts";
import { Acknowledger } from "../../../../src/core/rtmp/session/acknowledger.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const DEFAULT_ACK_WINDOW = 2_500_000;
const MIN_ACK_WINDOW = 32 * 1024;

/** Totals acknowledged while `count` segments of `size` bytes come in. */
function totals(acknowledger: Acknowledger, size: number, count: number): number[] {
  const taken: number[] = [];
  for (let index = 0; index < count; index++) {
    acknowledger.add(size);
    const total = acknowledger.take();
    if (total !== undefined) taken.push(total);
  }
  return taken;
}

test("without a window every half of 2.5 MB is acknowledged", () => {
  assert.deepEqual(totals(new Acknowledger(), 250_000, 20), [
    1_250_000,
    2_500_000,
    3_750_000,
    5_000_000,
  ]);
});

test("half of the peer's window is acknowledged", () => {
  const acknowledger = new Acknowledger();
  acknowledger.setWindow(200_000);
  assert.deepEqual(totals(acknowledger, 50_000, 8), [100_000, 200_000, 300_000, 400_000]);
});

test("a window of a few bytes, or of none, is held to 32 KiB", () => {
  for (const window of [0, 1, 1000, MIN_ACK_WINDOW]) {
    const acknowledger = new Acknowledger();
    acknowledger.setWindow(window);
    assert.deepEqual(totals(acknowledger, 1024, 64), [16384, 32768, 49152, 65536]);
  }
});

test("a huge window does not keep acknowledgements away", () => {
  const acknowledger = new Acknowledger();
  acknowledger.setWindow(0xffffffff);
  assert.deepEqual(totals(acknowledger, DEFAULT_ACK_WINDOW / 2, 1), [1_250_000]);
});

test("a window that shrinks holds for what came before", () => {
  const acknowledger = new Acknowledger();
  acknowledger.add(100_000);
  assert.equal(acknowledger.take(), undefined);
  acknowledger.setWindow(50_000);
  assert.equal(acknowledger.take(), 100_000);
  assert.equal(acknowledger.take(), undefined);
});

test("past 4 GiB the total goes on, and is sent modulo 2^32", () => {
  const acknowledger = new Acknowledger(2 ** 32 - 1_000_000);
  const [first, second] = totals(acknowledger, 625_000, 4);
  assert.deepEqual([first, second], [2 ** 32 + 250_000, 2 ** 32 + 1_500_000]);
  assert.equal(acknowledger.received, 2 ** 32 + 1_500_000);
  // 250000 is 0x0003d090, 1500000 is 0x0016e360.
  assert.deepEqual([...encodeAcknowledgement(first!)], [0, 3, 0xd0, 0x90]);
  assert.deepEqual([...encodeAcknowledgement(second!)], [0, 0x16, 0xe3, 0x60]);
});
