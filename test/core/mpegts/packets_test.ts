/** Packets of a transport stream, to the bit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  pesDataAt,
  type PesHead,
  pesPackets,
  writeClock,
  writePes,
  writeTable,
} from "../../../src/core/mpegts/packets.ts";
import { bytesOfFields, type Field } from "../../support/bits.ts";

const PACKET = 188;

const HEAD: PesHead = {
  pid: 0x1234,
  streamId: 0xe0,
  key: false,
  clock: undefined,
  pts: 90_000,
  dts: 90_000,
  length: 10,
};

/** Header of a packet [ISO/IEC 13818-1 §2.4.3.2]: first, pid, adaptation, payload, counter. */
const header = (first: number, pid: number, field: number, payload: number, counter: number) => [
  ...bytesOfFields([
    ...[[0x47, 8], [0, 1], [first, 1], [0, 1], [pid, 13], [0, 2], [field, 1]] as const,
    ...[[payload, 1], [counter, 4]] as const,
  ]),
];

const stuffing = (count: number) => Array<number>(count).fill(255);

/** A time of 33 bits in five bytes with their marks. */
function time(mark: number, ticks: bigint): number[] {
  const part = (from: number, bits: number): Field => [
    Number(ticks >> BigInt(from) & (1n << BigInt(bits)) - 1n),
    bits,
  ];
  return [
    ...bytesOfFields([[mark, 4], part(30, 3), [1, 1], part(15, 15), [1, 1], part(0, 15), [1, 1]]),
  ];
}

/** A clock of 33 bits, with an extension of 0. */
const clockOf = (ticks: bigint) => [
  ...bytesOfFields([[Number(ticks >> 1n), 32], [Number(ticks & 1n), 1], [63, 6], [0, 9]]),
];

/** What is written of an elementary stream 1, 2, 3 ... */
function written(more: Partial<PesHead>, counter = 5) {
  const head = { ...HEAD, ...more };
  const bytes = new Uint8Array(pesPackets(head) + 2).fill(7);
  const at = pesDataAt(head, 1);
  assert.equal(at + head.length, bytes.length - 1);
  const data = Array.from({ length: head.length }, (_, index) => index + 1 & 255);
  bytes.set(data, at);
  const next = writePes(bytes, 1, head, counter);
  assert.deepEqual([bytes[0], bytes.at(-1)], [7, 7], "nothing else is touched");
  return { bytes: [...bytes.subarray(1, -1)], data, next };
}

test("a short PES packet is a packet that is stuffed, with one time where both are equal", () => {
  const { bytes, data, next } = written({});
  assert.equal(next, 6);
  assert.deepEqual(bytes, [
    ...header(1, 0x1234, 1, 1, 5),
    ...[159, 0, ...stuffing(158)],
    ...[0, 0, 1, 0xe0, 0, 0, 0x84, 0x80, 5, ...time(2, 90_000n)],
    ...data,
  ]);
});

test("decoding has a time of its own, times have 33 bits, and sound says how long it is", () => {
  const most = 2 ** 33 - 1;
  const { bytes, data, next } = written({ streamId: 0xc0, pts: 2 ** 33 + 5, dts: most }, 15);
  assert.equal(next, 0);
  assert.deepEqual(bytes, [
    ...header(1, 0x1234, 1, 1, 15),
    ...[154, 0, ...stuffing(153)],
    ...[0, 0, 1, 0xc0, 0, 23, 0x84, 0xc0, 10],
    ...time(3, 5n),
    ...time(1, BigInt(most)),
    ...data,
  ]);
  const long = written({ streamId: 0xc0, length: 1000, pts: 0x1_2345_6789, dts: 0x1_2345_6789 });
  assert.deepEqual(long.bytes.slice(4, 18), [
    ...[0, 0, 1, 0xc0, 1008 >> 8, 1008 & 255, 0x84, 0x80, 5],
    ...time(2, 0x1_2345_6789n),
  ]);
});

test("a picture to start at is flagged, with a clock or without", () => {
  const flagged = written({ key: true }).bytes;
  assert.deepEqual(flagged.slice(0, 7), [...header(1, 0x1234, 1, 1, 5), 159, 0x40, 255]);
  for (const [clock, ticks] of [[2 ** 32 + 3, 2n ** 32n + 3n], [2 ** 33 + 8, 8n]] as const) {
    for (const key of [false, true]) {
      const { bytes } = written({ key, clock });
      assert.deepEqual(bytes.slice(4, 6), [159, key ? 0x50 : 0x10]);
      assert.deepEqual(bytes.slice(6, 13), [...clockOf(ticks), 255]);
    }
  }
});

test("what does not fit goes on in packets that are full, but for the last one", () => {
  // 14 bytes of header in front: so many are left of the first packet.
  const cases: [Partial<PesHead>, packets: number, last: number[]][] = [
    [{ length: 170 }, 1, []],
    [{ length: 171 }, 2, [182, 0, ...stuffing(181)]],
    [{ length: 170 + 182 }, 2, [1, 0]],
    [{ length: 170 + 183 }, 2, [0]],
    [{ length: 170 + 184 }, 2, []],
    [{ length: 170 + 185 }, 3, [182, 0, ...stuffing(181)]],
    [{ length: 168, key: true }, 1, [1, 0x40]],
    [{ length: 169, key: true }, 2, [182, 0, ...stuffing(181)]],
    [{ length: 162, clock: 7 }, 1, [7, 0x10, ...clockOf(7n)]],
    [{ length: 163, clock: 7 }, 2, [182, 0, ...stuffing(181)]],
  ];
  for (const [more, packets, last] of cases) {
    const { bytes, data, next } = written(more, 14);
    assert.equal(bytes.length, packets * PACKET);
    assert.equal(next, 14 + packets & 15);
    const at = (packets - 1) * PACKET;
    const field = last.length > 0 ? 1 : 0;
    const first = packets === 1 ? 1 : 0;
    assert.deepEqual(bytes.slice(at, at + 4 + last.length), [
      ...header(first, 0x1234, field, 1, 13 + packets & 15),
      ...last,
    ]);
    const payload = Array.from({ length: packets }, (_, index) => {
      const packet = bytes.slice(index * PACKET, (index + 1) * PACKET);
      return (packet[3]! & 0x20) === 0 ? packet.slice(4) : packet.slice(5 + packet[4]!);
    }).flat();
    assert.deepEqual(payload.slice(14), data);
  }
});

test("a clock in a packet of its own does not count", () => {
  for (const [counter, shown] of [[0, 15], [1, 0], [9, 8]] as const) {
    const bytes = new Uint8Array(PACKET + 2).fill(7);
    writeClock(bytes, 1, 0x101, 90_001, counter);
    assert.deepEqual([...bytes], [
      ...[7, ...header(0, 0x101, 1, 0, shown)],
      ...[183, 0x10, ...clockOf(90_001n), ...stuffing(176), 7],
    ]);
  }
});

test("a table begins in its packet, and what is left is stuffed", () => {
  const bytes = new Uint8Array(PACKET + 2).fill(7);
  writeTable(bytes, 1, 0x1fff, [1, 2, 3], 4);
  const head = [...header(1, 0x1fff, 0, 1, 4), 0, 1, 2, 3];
  assert.deepEqual([...bytes], [7, ...head, ...stuffing(180), 7]);
});
