import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { ChunkDecoder } from "../../../../src/core/rtmp/chunk/decoder.ts";
import { ChunkEncoder } from "../../../../src/core/rtmp/chunk/encoder.ts";
import { encodeMessage } from "../../../../src/core/rtmp/chunk/stateless_encoder.ts";
import { random } from "../../../support/feed.ts";
import { check } from "../../../support/property.ts";
import { concat, counting, decodeEveryWay, decodeSegments, hex, type Seen } from "./harness.ts";
import { interleave, type Planned } from "./interleaver.ts";

const ids = fc.constantFrom(3, 4, 6, 63, 64, 200, 319, 320, 65599);
const types = fc.constantFrom(4, 8, 9, 18, 20, 22);
const streams = fc.constantFrom(0, 1, 1, 1, 0xffffffff);
const lengths = fc.oneof(
  fc.constantFrom(0, 1, 1, 1, 127, 128, 129, 256, 257),
  fc.integer({ min: 0, max: 1200 }),
);
/** Steps of time: equal ones in a row so that type 3 is allowed, and every edge. */
const steps = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 20, 20, 20) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(0xfffffe, 0xffffff, 0x1000000, 0x7fffffff, 0x80000000, 0xffffffff),
  },
);
const starts = fc.constantFrom(0, 20, 0xfffffe, 0xffffff, 0x7ffffff0, 0xfffffff0);

/** Messages of a few chunk streams, each with a clock of its own. */
const plans = fc.array(
  fc.record({
    csid: ids,
    type: types,
    msid: streams,
    start: starts,
    count: fc.integer({ min: 1, max: 8 }),
    length: lengths,
  }),
  { minLength: 1, maxLength: 5 },
).chain((channels) =>
  fc.tuple(
    ...channels.map((channel) =>
      fc.array(
        fc.record({
          step: steps,
          other: fc.option(fc.record({ type: types, msid: streams, length: lengths }), { freq: 3 }),
        }),
        {
          minLength: channel.count,
          maxLength: channel.count,
        },
      ).map((items) => {
        let time = channel.start;
        return items.map(({ step, other }, i): Planned => {
          if (i > 0) time = (time + step) % 2 ** 32;
          const { type, msid, length } = { ...channel, ...other };
          return { csid: channel.csid, type, msid, time, payload: counting(length, i * 37) };
        });
      })
    ),
  )
).map((perChannel) => {
  // Two channels may have drawn the same id; they then share it, in this order.
  return perChannel.flat();
});

function seen(message: Planned): Seen {
  return {
    type: message.type,
    messageStreamId: message.msid,
    timestamp: message.time,
    chunkStreamId: message.csid,
    payload: hex(message.payload),
  };
}

test("whatever an independent writer interleaves is decoded, however it is cut", () => {
  check(
    fc.property(plans, fc.integer(), (plan, seed) => {
      const next = random(seed);
      const { wire, expected, aborted } = interleave(plan, (sides) => Math.floor(next() * sides));
      assert.deepEqual(decodeEveryWay(wire, undefined, seed), expected);
      const decoder = new ChunkDecoder();
      decodeSegments(decoder, [wire]);
      assert.equal(decoder.discardedMessages, aborted);
      assert.equal(decoder.assemblyBytes, 0);
    }),
    25,
  );
});

test("what ChunkEncoder writes decodes to the same messages through changes of chunk size", () => {
  check(
    fc.property(plans, fc.integer(), (plan, seed) => {
      const next = random(seed);
      const encoder = new ChunkEncoder();
      const wire: Uint8Array[] = [];
      const expected: Seen[] = [];
      for (const message of plan) {
        if (next() < 0.2) {
          const size = 1 + Math.floor(next() * 500);
          wire.push(encoder.setChunkSize(size));
          const payload = size.toString(16).padStart(8, "0");
          expected.push({ type: 1, messageStreamId: 0, timestamp: 0, chunkStreamId: 2, payload });
        }
        const { type, msid: messageStreamId, time: timestamp, payload, csid } = message;
        wire.push(encoder.encode({ type, messageStreamId, timestamp, payload }, csid));
        expected.push(seen(message));
      }
      const input = concat(...wire);
      assert.deepEqual(decodeEveryWay(input, undefined, seed), expected);
      // It must not depend on how a reader takes type 3 after type 0.
      assert.deepEqual(decodeEveryWay(input, { fmt3AfterFmt0: "zero" }, seed), expected);
    }),
    25,
  );
});

test("what encodeMessage writes decodes to the same messages", () => {
  check(
    fc.property(plans, fc.integer({ min: 1, max: 300 }), (plan, size) => {
      const wire = plan.map(({ type, msid, time, payload, csid }) =>
        encodeMessage(type, msid, time, payload, csid, size)
      );
      const setSize = new ChunkEncoder().setChunkSize(size);
      const [first, ...rest] = decodeEveryWay(concat(setSize, ...wire));
      assert.equal(first.type, 1);
      assert.deepEqual(rest, plan.map(seen));
    }),
    25,
  );
});
