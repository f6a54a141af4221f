import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { ProtocolError } from "../../../../src/core/errors.ts";
import { ChunkDecoder } from "../../../../src/core/rtmp/chunk/decoder.ts";
import { feedings } from "../../../support/feed.ts";
import { check } from "../../../support/property.ts";
import {
  bytes,
  concat,
  counting,
  decodeEveryWay,
  decodeInto,
  decodeSegments,
  type Message,
  see,
} from "./harness.ts";

/** As many as there are in the worst of these tests. */
const MANY = { maxChunkStreams: 64, maxUnfinishedMessages: 64 };

const DEAF = { onMessage: () => true };

function isLimit(error: unknown): boolean {
  return error instanceof ProtocolError && error.code === "limit";
}

/** Basic header of type 0 in the three byte form, for ids 64 and up. */
function longHeader(id: number): Uint8Array {
  return Uint8Array.of(1, (id - 64) & 0xff, (id - 64) >> 8);
}

test("the 33rd chunk stream id is refused, however often the first 32 are used", () => {
  const message = bytes("000000 000001 08 01000000 aa");
  const parts = Array.from({ length: 128 }, (_, i) => concat(longHeader(64 + i % 32), message));
  const allowed = concat(...parts);
  const decoder = new ChunkDecoder();
  assert.equal(decodeSegments(decoder, [allowed.slice()]).length, 128);
  assert.equal(decoder.chunkStreams, 32);
  const more = concat(allowed, longHeader(5000), message);
  assert.throws(() => decodeEveryWay(more), isLimit);
  assert.equal(decodeEveryWay(more, { maxChunkStreams: 33 }).length, 129);
});

test("limits that are changed hold from the next header on", () => {
  const message = bytes("000000 000001 08 01000000 aa");
  const decoder = new ChunkDecoder({ maxChunkStreams: 1 });
  assert.equal(decodeSegments(decoder, [concat(longHeader(64), message)]).length, 1);
  decoder.setLimits({ maxChunkStreams: 2 });
  assert.equal(decodeSegments(decoder, [concat(longHeader(65), message)]).length, 1);
  assert.throws(() => decodeSegments(decoder, [concat(longHeader(66), message)]), isLimit);
});

test("a header that has not come in full costs no chunk stream", () => {
  const decoder = new ChunkDecoder();
  decoder.decode(bytes("01 ffff 000000 000001 08 010000"), 0, DEAF);
  assert.equal(decoder.chunkStreams, 0);
});

test("message lengths are bounded by kind, before any payload", () => {
  const start = (type: string, length: number) =>
    bytes(`03 000000 ${length.toString(16).padStart(6, "0")} ${type} 01000000`);
  for (const type of ["14", "12", "01", "04", "ff", "08"]) {
    new ChunkDecoder().decode(start(type, 1 << 20), 0, DEAF);
    assert.throws(() => new ChunkDecoder().decode(start(type, (1 << 20) + 1), 0, DEAF), isLimit);
  }
  for (const type of ["09", "16"]) {
    new ChunkDecoder().decode(start(type, 8 << 20), 0, DEAF);
    assert.throws(() => new ChunkDecoder().decode(start(type, (8 << 20) + 1), 0, DEAF), isLimit);
  }
});

test("setLimits holds for the next message, type 3 headers included", () => {
  const decoder = new ChunkDecoder({ maxMediaBytes: 1 });
  const two = bytes("03 000000 000002 08 01000000 aabb");
  assert.throws(() => new ChunkDecoder({ maxMediaBytes: 1 }).decode(two, 0, DEAF), isLimit);
  decoder.setLimits({ maxMediaBytes: 2 });
  decoder.decode(two, 0, DEAF);
  decoder.setLimits({ maxMediaBytes: 1 });
  assert.throws(() => decoder.decode(bytes("c3 aabb"), 0, DEAF), isLimit);
});

test("unfinished messages together are bounded", () => {
  const chunk = new Uint8Array(60_000);
  const input = concat(
    bytes("02 000000 000004 01 00000000 0000ea60"),
    ...Array.from(
      { length: 10 },
      (_, i) => concat(Uint8Array.of(3 + i), bytes("000000 700000 09 01000000"), chunk),
    ),
  );
  // Each holds twice its 60 000 bytes: eight fit into a million, nine do not.
  const many = { maxUnfinishedMessages: 10 };
  const tooFew = { ...many, maxAssemblyBytes: 1_000_000 };
  assert.throws(() => decodeEveryWay(input, tooFew), /hold more than 1000000 bytes/);
  const decoder = new ChunkDecoder({ ...many, maxAssemblyBytes: 1_200_000 });
  decodeSegments(decoder, [input]);
  assert.ok(decoder.assemblyBytes <= 1_200_000);
});

test("a chunk stream counts as unfinished while its message takes more than one chunk, and not after", () => {
  const decoder = new ChunkDecoder();
  const split = concat(bytes("03 000000 0000c8 08 01000000"), counting(128));
  const rest = concat(bytes("c3"), counting(72, 128));
  const short = bytes("03 000000 000001 08 01000000 aa");
  const seen: number[] = [];
  for (const part of [short, split, rest, short, short, split, rest, short, split, short]) {
    decoder.decode(part, 0, DEAF);
    seen.push(decoder.unfinishedMessages);
  }
  // The last message begins where another one is unfinished, and takes its place.
  assert.deepEqual(seen, [0, 1, 0, 0, 0, 1, 0, 0, 1, 0]);
});

test("the ninth message that is unfinished at once is refused", () => {
  const begin = (id: number) => concat(Uint8Array.of(id), bytes("000000 000002 09 01000000 aa"));
  const small = bytes("02 000000 000004 01 00000000 00000001");
  const eight = concat(small, ...Array.from({ length: 8 }, (_, i) => begin(3 + i)));
  const decoder = new ChunkDecoder();
  decodeSegments(decoder, [eight.slice()]);
  assert.equal(decoder.unfinishedMessages, 8);
  const nine = concat(eight, begin(11));
  assert.throws(() => decodeEveryWay(nine), /More than 8 messages are unfinished at once/);
  // One that is done, dropped by Abort or begun anew makes room.
  for (const room of [bytes("c3 bb"), concat(begin(3), bytes("c3 bb"))]) {
    assert.doesNotThrow(() => decodeEveryWay(concat(eight, room, begin(11))));
  }
  const large = (id: number) =>
    concat(Uint8Array.of(id), bytes("000000 000081 09 01000000"), counting(128));
  const eightLarge = concat(...Array.from({ length: 8 }, (_, i) => large(3 + i)));
  const abort = bytes("02 000000 000004 02 00000000 00000004");
  assert.doesNotThrow(() => decodeEveryWay(concat(eightLarge, abort, large(11))));
  assert.throws(() => decodeEveryWay(concat(eightLarge, large(11))), isLimit);
  // What fits into one chunk never counts, whether or not it comes in one piece.
  const short = bytes("0b 000000 000003 08 01000000 aabbcc");
  assert.equal(decodeEveryWay(concat(eightLarge, short)).length, 1);
});

test("a chunk size below the smallest allowed is refused, every other is obeyed", () => {
  const set = (size: string) => bytes(`02 000000 000004 01 00000000 ${size}`);
  for (const size of ["00000001", "0000007f"]) {
    assert.throws(() => decodeEveryWay(set(size), { minChunkSize: 128 }), isLimit);
    assert.equal(decodeEveryWay(set(size)).length, 1);
  }
  assert.equal(decodeEveryWay(set("00000080"), { minChunkSize: 128 }).length, 1);
});

test("lent buffers that wait for the next message count against no limit", () => {
  // Half of what may be unfinished, on each of 32 chunk streams in turn.
  const length = 100_000;
  const decoder = new ChunkDecoder({ lendPayloads: true, maxAssemblyBytes: 2 * length });
  for (let id = 3; id < 34; id++) {
    const header = concat(Uint8Array.of(id), bytes("000000 0186a0 09 01000000"));
    decoder.decode(bytes("02 000000 000004 01 00000000 00ffffff"), 0, DEAF);
    for (const part of [header, new Uint8Array(length - 1), bytes("aa")]) {
      decoder.decode(part, 0, DEAF);
    }
    assert.equal(decoder.assemblyBytes, 0);
    assert.ok(decoder.spareBytes <= 512 * 1024);
  }
  assert.ok(decoder.spareBytes >= 4 * length, "what fits is kept");
});

test("giant declared lengths with a byte each hold no more than four times what was sent", () => {
  const start = bytes("000000 7fffff 09 01000000 aa");
  const small = bytes("02 000000 000004 01 00000000 00000001");
  const ids = Array.from({ length: 64 }, (_, i) => 64 + 997 * i);
  const input = concat(
    small,
    ...ids.slice(1).map((id) => concat(longHeader(id), start)),
    ...Array.from({ length: 20 }, () =>
      ids.slice(1).map((id) => {
        const header = longHeader(id);
        header[0] |= 0xc0;
        return concat(header, Uint8Array.of(0xbb));
      })).flat(),
  );
  for (const segments of feedings(input)) {
    const decoder = new ChunkDecoder(MANY);
    let sent = 0;
    for (const segment of segments) {
      sent += segment.length;
      decodeSegments(decoder, [segment]);
      assert.ok(decoder.assemblyBytes <= 4 * sent, `${decoder.assemblyBytes} for ${sent}`);
    }
    assert.ok(decoder.assemblyBytes > 0);
  }
});

test("looking ahead allocates nothing for bytes of another chunk stream", () => {
  // Every header claims the whole rest of the input, in one segment.
  const size = bytes("02 000000 000004 01 00000000 00000080");
  const parts = Array.from(
    { length: 60 },
    (_, i) => concat(Uint8Array.of(3 + i), bytes("000000 007fff 09 01000000"), new Uint8Array(128)),
  );
  const input = concat(size, ...parts);
  const decoder = new ChunkDecoder(MANY);
  decodeSegments(decoder, [input]);
  assert.ok(decoder.assemblyBytes >= 60 * 128);
  assert.ok(decoder.assemblyBytes <= 2 * input.length, `${decoder.assemblyBytes}`);
});

test("memory for a message is made once for all of it that follows in the input", () => {
  const length = 100_000;
  const header = bytes("03 000000 0186a0 09 01000000");
  const chunk = concat(bytes("c3"), new Uint8Array(128).fill(0xc3)); // looks like headers
  const ten = concat(header, chunk.subarray(1), ...Array(9).fill(chunk));
  const decoder = new ChunkDecoder();
  decodeSegments(decoder, [ten.slice()]);
  assert.equal(decoder.assemblyBytes, 2 * 10 * 128);

  const whole = concat(header, chunk.subarray(1), ...Array(781).fill(chunk));
  const [seen] = decodeSegments(new ChunkDecoder({ maxAssemblyBytes: length }), [
    whole.subarray(0, header.length + length + 781),
  ]);
  assert.equal(seen.payload.length, 2 * length);
});

test("a message that is done or dropped gives its memory back", () => {
  const decoder = new ChunkDecoder();
  const start = concat(bytes("03 000000 000081 09 01000000"), new Uint8Array(128));
  decodeSegments(decoder, [start.slice()]);
  assert.equal(decoder.assemblyBytes, 0x81);
  decodeSegments(decoder, [concat(start, bytes("c3 aa"))]);
  assert.equal(decoder.assemblyBytes, 0);
  assert.equal(decoder.discardedMessages, 1);
});

test("any bytes give messages or a ProtocolError, the same however they are cut", () => {
  // Few ids and short lengths, so that random bytes get past the first header.
  const headerish = fc.oneof(
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 30 }) },
    {
      weight: 4,
      arbitrary: fc.tuple(
        fc.constantFrom(0, 1, 2, 3),
        fc.constantFrom(2, 3, 4),
        fc.constantFrom(0, 5, 0xffffff),
        fc.constantFrom(0, 1, 4, 130, 300),
        fc.constantFrom(1, 2, 3, 4, 8, 9, 20, 22),
        fc.uint8Array({ maxLength: 140 }),
      ).map(([format, id, time, length, type, tail]) =>
        concat(
          Uint8Array.of((format << 6) | id),
          Uint8Array.of(time >> 16, time >> 8, time, 0, length >> 8, length, type, 1, 0, 0, 0)
            .subarray(0, [11, 7, 3, 0][format]),
          tail,
        )
      ),
    },
  );
  const outcome = (segments: Uint8Array[], stop: boolean) => {
    const decoder = new ChunkDecoder();
    const messages: Message[] = [];
    let sent = 0;
    let failure = "none";
    try {
      for (const segment of segments) {
        sent += segment.length;
        decodeInto(messages, decoder, [segment], stop);
        assert.ok(decoder.assemblyBytes <= 4 * sent);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      failure = error.message;
    }
    return { seen: messages.map(see), failure, discarded: decoder.discardedMessages };
  };
  check(
    fc.property(fc.array(headerish, { maxLength: 12 }), fc.integer(), (parts, seed) => {
      const input = concat(...parts);
      const expected = outcome([input.slice()], false);
      for (const segments of feedings(input, seed)) {
        assert.deepEqual(outcome(segments.map((s) => s.slice()), false), expected);
        assert.deepEqual(outcome(segments, true), expected);
      }
    }),
    200,
  );
});

test("memory that a growing message has outgrown is given back at once", () => {
  const { transfer } = ArrayBuffer.prototype;
  const given: number[] = [];
  ArrayBuffer.prototype.transfer = function (this: ArrayBuffer, length?: number) {
    given.push(this.byteLength);
    return transfer.call(this, length);
  };
  try {
    const decoder = new ChunkDecoder();
    const sink = { onMessage: () => true };
    decoder.decode(bytes("02 000000 000004 01 00000000 0000ffff"), 0, sink);
    decoder.decode(bytes("03 000000 00ffff 09 01000000"), 0, sink);
    for (let count = 0; count < 16; count++) decoder.decode(new Uint8Array(4000), 0, sink);
  } finally {
    ArrayBuffer.prototype.transfer = transfer;
  }
  assert.deepEqual(given, [8000, 24_000, 56_000]);
});

test("a decoder that was told no limits takes chunks of a byte, and none of nothing", () => {
  const size = (chunk: string) => bytes(`02 000000 000004 01 00000000 ${chunk}`);
  const message = bytes("03 000000 000002 08 00000000 aa c3 bb");
  assert.equal(decodeEveryWay(concat(size("00000001"), message)).at(-1)?.payload, "aabb");
  assert.throws(
    () => decodeEveryWay(size("00000000")),
    (error) => error instanceof ProtocolError && error.code === "control",
  );
});
