/** Answers of which no more is read than may be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { boundedText } from "../../src/plugin/bounded_body.ts";

/** An answer in pieces, and whether its reader gave up. */
function answer(...pieces: number[][]) {
  const state = { given: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const piece = pieces[state.given++];
      if (piece === undefined) controller.close();
      else controller.enqueue(Uint8Array.from(piece));
    },
    cancel: () => void (state.cancelled = true),
  }, { highWaterMark: 0 });
  return { response: new Response(body), state };
}

test("an answer is read to its end, letters that are cut among it, and none has no text", async () => {
  const { response } = answer([0x61, 0xc3], [0xa4, 0x62], [0xc3]);
  assert.equal(await boundedText(response, 5), "aäb\ufffd");
  assert.equal(await boundedText(new Response(null), 0), "");
});

test("of one that is longer the rest is not read", async () => {
  const { response, state } = answer([1, 2], [3], [4]);
  await assert.rejects(boundedText(response, 2), { message: "the answer has more than 2 bytes" });
  assert.deepEqual(state, { given: 2, cancelled: true });
});
