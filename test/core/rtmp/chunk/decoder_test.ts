import { test } from "node:test";
import assert from "node:assert/strict";
import { ProtocolError, type ProtocolErrorCode } from "../../../../src/core/errors.ts";
import { ChunkDecoder } from "../../../../src/core/rtmp/chunk/decoder.ts";
import { bytes, concat, counting, decodeEveryWay, decodeSegments, hex } from "./harness.ts";

function fails(code: ProtocolErrorCode, message: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof ProtocolError && error.code === code && message.test(error.message);
}

/** The parts of each message that its header tells, in order: type, stream, time, length. */
function heads(input: Uint8Array, options?: ConstructorParameters<typeof ChunkDecoder>[0]) {
  return decodeEveryWay(input, options).map((seen) => [
    seen.type,
    seen.messageStreamId,
    seen.timestamp,
    seen.payload.length / 2,
  ]);
}

test("the audio example of [RTMP 1.0 §5.3.2.1] gives four messages 20 ms apart", () => {
  const input = concat(
    bytes("03 0003e8 000020 08 39300000 | type 0: time 1000, length 32, audio, stream 12345"),
    counting(32, 0),
    bytes("83 000014                    | type 2: delta 20"),
    counting(32, 32),
    bytes("c3                           | type 3: delta 20 again"),
    counting(32, 64),
    bytes("c3"),
    counting(32, 96),
  );
  assert.equal(input.length, 44 + 36 + 33 + 33);
  assert.deepEqual(
    decodeEveryWay(input),
    [1000, 1020, 1040, 1060].map((timestamp, i) => ({
      type: 8,
      messageStreamId: 12345,
      timestamp,
      chunkStreamId: 3,
      payload: hex(counting(32, 32 * i)),
    })),
  );
});

test("the video example of [RTMP 1.0 §5.3.2.2] joins 307 bytes from three chunks", () => {
  const payload = counting(307);
  const input = concat(
    bytes("04 0003e8 000133 09 3a300000 | type 0: time 1000, length 307, video, stream 12346"),
    payload.subarray(0, 128),
    bytes("c4"),
    payload.subarray(128, 256),
    bytes("c4"),
    payload.subarray(256),
  );
  assert.equal(input.length, 140 + 129 + 52);
  assert.deepEqual(decodeEveryWay(input), [
    { type: 9, messageStreamId: 12346, timestamp: 1000, chunkStreamId: 4, payload: hex(payload) },
  ]);
});

test("every form of the basic header names its chunk stream", () => {
  const forms: [string, number][] = [
    ["02", 2],
    ["3f", 63],
    ["00 00", 64],
    ["00 ff", 319],
    ["01 00 00", 64],
    ["01 ff 00", 319],
    ["01 00 01", 320],
    ["01 ff ff", 65599],
  ];
  for (const [form, id] of forms) {
    const [seen] = decodeEveryWay(bytes(`${form} 000001 000001 08 01000000 aa`));
    assert.equal(seen.chunkStreamId, id, form);
  }
});

test("short and long forms of one id are the same chunk stream", () => {
  const input = bytes("00 24 000005 000001 08 01000000 aa  41 24 00 000007 000001 09 bb");
  assert.deepEqual(heads(input), [[8, 1, 5, 1], [9, 1, 12, 1]]);
});

test("the message stream id is little-endian and unsigned", () => {
  assert.deepEqual(heads(bytes("03 000000 000000 08 010203ff")), [[8, 0xff030201, 0, 0]]);
});

test("a zero-length message is complete with its header", () => {
  const input = bytes("04 000000 000000 09 01000000  84 000028  c4");
  assert.deepEqual(heads(input), [[9, 1, 0, 0], [9, 1, 40, 0], [9, 1, 80, 0]]);
});

test("type 3 right after type 0 adds that header's timestamp again", () => {
  // As Flash Media Live Encoder means it: 26, then 52.
  const input = bytes("04 00001a 000001 08 01000000 aa  c4 bb  c4 cc");
  assert.deepEqual(heads(input), [[8, 1, 26, 1], [8, 1, 52, 1], [8, 1, 78, 1]]);
});

test("type 3 right after type 0 adds nothing under fmt3AfterFmt0 zero", () => {
  const input = bytes("04 00001a 000001 08 01000000 aa  c4 bb  84 000005 cc  c4 dd");
  assert.deepEqual(heads(input, { fmt3AfterFmt0: "zero" }).map((head) => head[2]), [
    26,
    26,
    31,
    36,
  ]);
});

test("type 1 may open a chunk stream, on stream 0 from time 0", () => {
  // librtmp answers a ping so.
  const input = bytes("42 000010 000006 04 0007 00000001  82 000010 0007 00000002");
  assert.deepEqual(heads(input), [[4, 0, 16, 6], [4, 0, 32, 6]]);
});

test("type 2 and type 3 may not open a chunk stream", () => {
  for (const input of ["83 000001", "c3", "c0 00", "81 00 00"]) {
    assert.throws(
      () => decodeEveryWay(bytes(input)),
      fails("chunk", /First chunk of chunk stream/),
    );
  }
});

test("a timestamp field below 0xFFFFFF is final", () => {
  assert.deepEqual(heads(bytes("03 fffffe 000001 08 01000000 aa")), [[8, 1, 0xfffffe, 1]]);
});

test("an extended timestamp of type 0 is absolute", () => {
  const times = ["00ffffff", "01000000", "7fffffff", "80000000", "ffffffff"];
  for (const time of times) {
    const input = bytes(`03 ffffff 000001 08 01000000 ${time} aa`);
    assert.deepEqual(heads(input), [[8, 1, parseInt(time, 16), 1]]);
  }
});

test("an extended timestamp of type 1 and 2 is a delta", () => {
  const input = bytes(`
    03 000064 000001 08 01000000 aa
    43 ffffff 000001 08 01000000 bb  | delta 0x01000000
    83 ffffff 7fffffff cc            | delta 0x7fffffff
  `);
  assert.deepEqual(heads(input).map((head) => head[2]), [100, 0x01000064, 0x81000063]);
});

test("time wraps at 2^32 and goes backwards by a wrapped delta", () => {
  const input = bytes(`
    03 ffffff 000001 08 01000000 fffffff0 aa
    83 000020 bb
    83 ffffff ffffffe0 cc            | delta -32
  `);
  assert.deepEqual(heads(input).map((head) => head[2]), [0xfffffff0, 0x10, 0xfffffff0]);
});

test("type 3 that starts a message repeats an extended delta", () => {
  const input = bytes(`
    03 000001 000001 08 01000000 aa
    83 ffffff 01000000 bb
    c3 01000000 cc
  `);
  assert.deepEqual(heads(input).map((head) => head[2]), [1, 0x01000001, 0x02000001]);
});

test("type 3 that starts a message may carry a new extended delta", () => {
  // FFmpeg compares only the 24-bit fields, which are 0xFFFFFF both times.
  const input = bytes(`
    03 000001 000001 08 01000000 aa
    83 ffffff 01000000 bb
    c3 02000000 cc
    c3 02000000 dd
  `);
  assert.deepEqual(heads(input).map((head) => head[2]), [1, 0x01000001, 0x03000001, 0x05000001]);
});

test("continuation chunks are read with and without the extended timestamp", () => {
  const payload = counting(300);
  for (const repeated of ["01020304", ""]) {
    const input = concat(
      bytes("06 ffffff 00012c 09 01000000 01020304"),
      payload.subarray(0, 128),
      bytes(`c6 ${repeated}`),
      payload.subarray(128, 256),
      bytes(`c6 ${repeated}`),
      payload.subarray(256),
      bytes("07 000000 000001 08 01000000 aa"),
    );
    const seen = decodeEveryWay(input);
    assert.deepEqual(seen.map(({ timestamp }) => timestamp), [0x01020304, 0]);
    assert.equal(seen[0].payload, hex(payload));
  }
});

test("payload that begins like the extended timestamp is payload", () => {
  // Only the first one, two or three bytes agree; the message and the input end within them.
  for (const tail of ["01", "0102", "010203", "01020305", "0102ff", "01ff"]) {
    const payload = concat(counting(128), bytes(tail));
    const length = payload.length.toString(16).padStart(6, "0");
    const input = concat(
      bytes(`06 ffffff ${length} 09 01000000 01020304`),
      payload.subarray(0, 128),
      bytes(`c6 ${tail} 07 000000 000000 08 01000000 c7`),
    );
    const seen = decodeEveryWay(input);
    assert.deepEqual(seen.map(({ type }) => type), [9, 8, 8], tail);
    assert.equal(seen[0].payload, hex(payload), tail);
  }
});

test("continuation payload waits only while it can still be an extended timestamp", () => {
  const start = concat(bytes("06 ffffff 000082 09 01000000 01020304"), counting(128));
  const decoder = new ChunkDecoder();
  assert.equal(decodeSegments(decoder, [start, bytes("c6 01 03")]).length, 1);
});

test("messages inside a carried header come one by one and without more input", () => {
  // Behind the last payload byte c7 come two messages of zero length, c7 each. All three looked
  // like an extended timestamp until the 00.
  const opening = bytes("07 000000 000000 08 01000000");
  const start = concat(bytes("06 ffffff 000081 09 01000000 c7c7c7c7"), counting(128));
  const tail = [bytes("c6 c7"), bytes("c7"), bytes("c7"), bytes("00")];
  for (const stop of [false, true]) {
    const segments = [opening, start, ...tail].map((segment) => segment.slice());
    const seen = decodeSegments(new ChunkDecoder(), segments, stop);
    assert.deepEqual(seen.map(({ type }) => type), [8, 9, 8, 8], `stop ${stop}`);
  }
});

test("a later header with a small timestamp ends the extended timestamps", () => {
  const payload = counting(200);
  const input = concat(
    bytes("06 ffffff 000001 09 01000000 01000000 aa"),
    bytes("46 000010 0000c8 09"),
    payload.subarray(0, 128),
    bytes("c6"),
    payload.subarray(128),
    bytes("c6"),
    payload.subarray(0, 128),
    bytes("c6"),
    payload.subarray(128),
  );
  assert.deepEqual(heads(input).map((head) => head[2]), [0x01000000, 0x01000010, 0x01000020]);
});

test("chunks of different chunk streams interleave", () => {
  const video = counting(300);
  const audio = counting(200, 7);
  const input = concat(
    bytes("06 000000 00012c 09 01000000"),
    video.subarray(0, 128),
    bytes("04 000000 0000c8 08 01000000"),
    audio.subarray(0, 128),
    bytes("c6"),
    video.subarray(128, 256),
    bytes("c4"),
    audio.subarray(128),
    bytes("c6"),
    video.subarray(256),
  );
  const seen = decodeEveryWay(input);
  assert.deepEqual(seen.map(({ payload }) => payload), [hex(audio), hex(video)]);
});

test("Set Chunk Size holds from the next chunk, also for a message under way", () => {
  const payload = counting(400);
  const input = concat(
    bytes("06 000000 000190 09 01000000"),
    payload.subarray(0, 128),
    bytes("02 000000 000004 01 00000000 00000010"),
    bytes("c6"),
    payload.subarray(128, 144),
    bytes("02 000000 000004 01 00000000 00ffffff"),
    bytes("c6"),
    payload.subarray(144),
  );
  const seen = decodeEveryWay(input);
  assert.deepEqual(seen.map(({ type }) => type), [1, 1, 9]);
  assert.equal(seen[2].payload, hex(payload));
});

test("Set Chunk Size works on any chunk stream and message stream, cut by itself", () => {
  const input = bytes(`
    02 000000 000004 01 00000000 00000001
    05 000000 000004 01 07000000 00 c5 00 c5 01 c5 00
    03 000000 000003 08 01000000 aabbcc
  `);
  assert.deepEqual(heads(input), [[1, 0, 0, 4], [1, 7, 0, 4], [8, 1, 0, 3]]);
});

test("Set Chunk Size is clamped to the longest message and refused when it means nothing", () => {
  const body = (size: string) => bytes(`02 000000 000004 01 00000000 ${size}`);
  for (const [size, used] of [["00000001", 1], ["01000000", 0xffffff], ["7fffffff", 0xffffff]]) {
    const decoder = new ChunkDecoder();
    decodeSegments(decoder, [body(String(size))]);
    assert.equal(decoder.chunkSize, used);
  }
  for (const size of ["00000000", "80000000", "ffffffff"]) {
    assert.throws(() => decodeEveryWay(body(size)), fails("control", /Chunk size \d+ is not/));
  }
  const short = bytes("02 000000 000002 01 00000000 0100");
  assert.throws(() => decodeEveryWay(short), fails("control", /has 2 bytes, needs 4/));
});

test("Abort drops the unfinished message of its chunk stream and no other", () => {
  const first = counting(200);
  const other = counting(200, 9);
  const input = concat(
    bytes("06 000000 0000c8 09 01000000"),
    first.subarray(0, 128),
    bytes("04 000000 0000c8 08 01000000"),
    other.subarray(0, 128),
    bytes("02 000000 000004 02 00000000 00000006"),
    bytes("02 000000 000004 02 00000000 00000063 | an id never seen"),
    bytes("c4"),
    other.subarray(128),
    bytes("86 000005"),
    first.subarray(0, 128),
    bytes("c6"),
    first.subarray(128),
  );
  const decoder = new ChunkDecoder();
  const seen = decodeSegments(decoder, [input.slice()]);
  assert.deepEqual(seen, decodeEveryWay(input));
  assert.deepEqual(seen.map(({ type }) => type), [2, 2, 8, 9]);
  assert.equal(seen[3].payload, hex(first));
  assert.equal(decoder.discardedMessages, 1);
  assert.equal(decoder.assemblyBytes, 0);
});

test("a short Abort is refused", () => {
  const input = bytes("02 000000 000003 02 00000000 000003");
  assert.throws(() => decodeEveryWay(input), fails("control", /Abort has 3 bytes/));
});

test("a new header in mid-message drops the part and starts anew", () => {
  const whole = bytes("000003 01 aabbcc");
  for (
    const header of ["06 000064 000003 08 02000000", "46 000064 000003 08", "86 000064"]
  ) {
    const length = header.startsWith("86") ? 200 : 3;
    const payload = length === 3 ? whole.subarray(4) : counting(200);
    const input = concat(
      bytes("06 000000 0000c8 08 02000000"),
      counting(128, 77),
      bytes(header),
      payload.subarray(0, 128),
      length === 3 ? bytes("") : concat(bytes("c6"), payload.subarray(128)),
    );
    const decoder = new ChunkDecoder();
    const seen = decodeSegments(decoder, [input.slice()]);
    assert.deepEqual(decodeEveryWay(input), seen);
    assert.deepEqual(seen, [{
      type: 8,
      messageStreamId: 2,
      timestamp: 100,
      chunkStreamId: 6,
      payload: hex(payload),
    }]);
    assert.equal(decoder.discardedMessages, 1);
    assert.equal(decoder.assemblyBytes, 0);
  }
});

test("decode starts at the offset and returns where the sink stopped it", () => {
  const one = bytes("03 000000 000002 08 01000000 aabb");
  const input = concat(bytes("ffff"), one, one);
  const decoder = new ChunkDecoder();
  const sink = { onMessage: () => false };
  assert.equal(decoder.decode(input, 2, sink), 2 + one.length);
  assert.equal(decoder.decode(input, 2 + one.length, sink), input.length);
  assert.equal(decoder.decode(input, input.length, sink), input.length);
});

test("a subclass of Uint8Array is copied from, not viewed", () => {
  const input = Uint8Array.prototype.slice.call(bytes("03 000000 000002 08 01000000 aabb"));
  class View extends Uint8Array {
    override slice(start?: number, end?: number) {
      return this.subarray(start, end) as ReturnType<Uint8Array["slice"]>;
    }
  }
  const [seen] = decodeSegments(new ChunkDecoder(), [new View(input.buffer)]);
  assert.equal(seen.payload, "aabb");
});

test("limits that change hold from the next header on: that of chunk streams, too", () => {
  const decoder = new ChunkDecoder({ maxChunkStreams: 1 });
  const seen: number[] = [];
  const sink = { onMessage: (type: number) => seen.push(type) > 0 };
  decoder.decode(bytes("06 000064 000001 09 01000000 aa"), 0, sink);
  decoder.setLimits({ maxChunkStreams: 2 });
  decoder.decode(bytes("07 000005 000001 08 01000000 bb"), 0, sink);
  assert.deepEqual(seen, [9, 8]);
  const third = bytes("08 000000 000001 08 01000000 bb");
  assert.throws(
    () => decoder.decode(third, 0, sink),
    fails("limit", /More than 2 chunk stream ids/),
  );
});
