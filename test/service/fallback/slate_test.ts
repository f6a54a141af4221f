/** A file that is shown: what of it waits in memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Slate } from "../../../src/service/fallback/slate.ts";
import { FakeClock } from "../../support/clock.ts";
import { interFrame } from "../../support/media.ts";
import { settle } from "../../support/rtmp_service.ts";

/** Bytes of a picture, and how often one is due (ms). */
const BYTES = 1000;
const STEP_MS = 10;

function shown(tight: boolean) {
  const clock = new FakeClock();
  const memory = { used: 0, tight, count: (bytes: number) => void (memory.used += bytes) };
  const stage = { clock, memory, messages: 0, most: 0, failed: 0, onMessage: () => {} };
  const file = {
    metadata: new Uint8Array(0),
    place: () => Promise.resolve({ time: 0, offset: 0, headers: [] }),
    read: async ({ offset }: { offset: number }, take: (message: never) => void) => {
      await Promise.resolve();
      for (let at = offset; at < offset + 5; at++) {
        take({ kind: 9, time: at * STEP_MS, payload: interFrame(BYTES), media: 0 } as never);
      }
      return { next: { offset: offset + 5 }, isFull: true };
    },
  };
  const slate = new Slate({ file, path: "", grows: false, close() {} } as never, clock, {
    onMessage: () => {
      stage.messages++;
      stage.onMessage();
    },
    onFailed: () => stage.failed++,
  }, memory);
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 10) {
      await settle();
      clock.advance(10);
      stage.most = Math.max(stage.most, memory.used);
    }
  };
  return { ...stage, stage, slate, pass };
}

test("what waits to be shown is counted, and given back when it is over", async () => {
  const { slate, memory, stage, pass } = shown(false);
  slate.start();
  await pass(1000);
  assert.ok(stage.messages > 90, `${stage.messages}`);
  assert.ok(memory.used >= 30 * BYTES && memory.used <= 60 * (BYTES + 300), `${memory.used}`);
  slate.close();
  assert.equal(memory.used, 0);
  await pass(1000);
  assert.equal(memory.used, 0, "nor is anything counted that was being read");
});

test("where memory is short little is read ahead, and all of it is shown", async () => {
  const { slate, stage, pass } = shown(true);
  slate.start();
  await pass(3000);
  assert.ok(stage.messages > 280, `${stage.messages}`);
  assert.ok(stage.most <= 15 * (BYTES + 300), `${stage.most}`);
  slate.close();
});

test("who has had enough in the middle of what is due leaves nothing counted", async () => {
  const { slate, memory, stage, pass } = shown(false);
  stage.onMessage = () => slate.close();
  slate.start();
  await pass(500);
  assert.deepEqual([stage.messages, memory.used], [1, 0]);
});
