/** What a chunk decoder keeps, and what it lets go of. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AssemblyBudget } from "../../../../src/core/rtmp/chunk/assembly_budget.ts";
import { ChunkDecoder } from "../../../../src/core/rtmp/chunk/decoder.ts";
import type { ChunkDecoderLimits } from "../../../../src/core/rtmp/chunk/limits.ts";
import { bytes, concat, counting, hex } from "./harness.ts";

function setUp(limits: Partial<ChunkDecoderLimits> = {}) {
  const budget = new AssemblyBudget();
  const decoder = new ChunkDecoder(limits, budget);
  const payloads: Uint8Array[] = [];
  const onMessage = (_type: number, _id: number, _time: number, payload: Uint8Array) => {
    payloads.push(payload);
    return true;
  };
  const feed = (...parts: Uint8Array[]) => decoder.decode(concat(...parts), 0, { onMessage });
  const held = () => [decoder.assemblyBytes, decoder.spareBytes, budget.used, budget.spare];
  return { decoder, payloads, feed, held, onMessage };
}

/** The first chunk of a message of 200 bytes on chunk stream 4, and the second. */
const FIRST = concat(bytes("04 000000 0000c8 09 01000000"), counting(128));
const SECOND = concat(bytes("c4"), counting(72, 128));

const ENDS: [what: string, wire: string][] = [
  ["another message takes its place", "04 000000 000001 08 01000000 aa"],
  // In chunks of a byte, as all that follows.
  ["it is aborted", "02 000000 000004 02 00000000 00 c2 00 c2 00 c2 04"],
];
for (const [what, wire] of ENDS) {
  test(`of a message of which a byte or two are here nothing is left once ${what}`, () => {
    for (const here of [1, 2]) {
      const { decoder, payloads, feed, held } = setUp({ lendPayloads: true });
      feed(bytes("02 000000 000004 01 00000000 00000001"));
      feed(bytes("04 000000 000005 09 01000000 b0"), bytes("c4 b1".repeat(here - 1)));
      assert.deepEqual([decoder.unfinishedMessages, decoder.assemblyBytes], [1, 5]);
      feed(bytes(wire));
      assert.deepEqual([decoder.discardedMessages, decoder.unfinishedMessages], [1, 0]);
      feed(bytes("04 000000 000002 08 01000000 cc c4 dd"));
      assert.equal(hex(payloads.at(-1)!), "ccdd");
      assert.equal(held()[0], 0);
    }
  });
}

test("behind a message that was dropped nothing of it is kept for the next", () => {
  const { payloads, feed, held } = setUp({ lendPayloads: true });
  feed(FIRST);
  feed(bytes("02 000000 000004 02 00000000 00000004"));
  assert.deepEqual(held(), [0, 0, 0, 0]);
  feed(FIRST);
  const [assembly] = held();
  assert.deepEqual(held(), [assembly, 0, assembly, 0]);
  feed(SECOND);
  assert.equal(hex(payloads.at(-1)!), hex(counting(200)));
});

test("a buffer that was kept is spare until the next message of its stream uses it", () => {
  const { feed, held, payloads } = setUp({ lendPayloads: true });
  feed(FIRST);
  assert.deepEqual(held(), [200, 0, 200, 0]);
  feed(SECOND);
  assert.deepEqual(held(), [0, 200, 200, 200]);
  feed(concat(bytes("c4"), counting(128)));
  assert.deepEqual(held(), [200, 0, 200, 0]);
  feed(SECOND);
  assert.deepEqual(held(), [0, 200, 200, 200]);
  assert.equal(payloads[0]!.buffer, payloads[1]!.buffer);
});

test("a message that is all there is lent out of what was read, to its last byte", () => {
  const { decoder, feed, held, payloads, onMessage } = setUp({ lendPayloads: true });
  const input = concat(bytes("04 000000 000005 09 01000000"), counting(5));
  decoder.decode(input, 0, { onMessage });
  assert.equal(payloads[0]!.buffer, input.buffer);
  assert.deepEqual(held(), [0, 0, 0, 0]);
  const own = setUp();
  own.decoder.decode(input, 0, own);
  assert.notEqual(own.payloads[0]!.buffer, input.buffer);
  feed(bytes("c4"), counting(5));
  assert.deepEqual(payloads.map(hex), ["0001020304", "0001020304"]);
});

test("a payload that is not lent is the taker's own, and no longer than it is", () => {
  const { feed, held, payloads } = setUp();
  feed(FIRST.subarray(0, 20));
  feed(FIRST.subarray(20, 100));
  feed(FIRST.subarray(100));
  feed(SECOND.subarray(0, 10));
  feed(SECOND.subarray(10));
  feed(concat(bytes("c4"), counting(128, 7)), concat(bytes("c4"), counting(72, 7)));
  assert.equal(hex(payloads[0]!), hex(counting(200)));
  assert.equal(payloads[0]!.buffer.byteLength, 200);
  assert.deepEqual(held(), [0, 0, 0, 0]);
});

test("a decoder that was released holds nothing", () => {
  const { decoder, feed, held } = setUp({ lendPayloads: true });
  feed(FIRST, SECOND);
  feed(concat(bytes("05 000000 0000c8 09 01000000"), counting(128)));
  assert.deepEqual(held(), [200, 200, 400, 200]);
  decoder.release();
  assert.deepEqual(held(), [0, 0, 0, 0]);
});

test("reading begins where it is told to, whatever is in front and wherever it was cut", () => {
  const input = concat(
    bytes("04 ffffff 000082 09 01000000 01000000"),
    counting(128),
    // The second chunk leaves the extended timestamp out, as some writers do.
    bytes("c4 0100"),
    bytes("05 000000 000002 08 01000000 aabb"),
  );
  const whole = setUp();
  whole.feed(input);
  assert.deepEqual(whole.payloads.map(hex), [hex(counting(128)) + "0100", "aabb"]);
  for (let cut = 0; cut <= input.length; cut++) {
    const { decoder, payloads, feed, onMessage } = setUp();
    feed(input.subarray(0, cut));
    const rest = concat(bytes("ffffffffffff"), input.subarray(cut));
    assert.equal(decoder.decode(rest, 6, { onMessage }), rest.length);
    assert.deepEqual(payloads.map(hex), whole.payloads.map(hex), `cut at ${cut}`);
  }
});
