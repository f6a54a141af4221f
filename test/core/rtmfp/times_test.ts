/** Times in packets, in units of four ms modulo 2^16 [RFC 7016 §2.2.4]. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../../../src/core/bytes/hex.ts";
import { PacketReader } from "../../../src/core/rtmfp/reader.ts";
import { PacketTimes } from "../../../src/core/rtmfp/times.ts";

const TIME = 0x08, ECHO = 0x04;

const read = (times: PacketTimes, flags: number, bytes: number[], now: number) =>
  times.read(flags, new PacketReader().set(Uint8Array.from(bytes)), now);

/** Flags and times of a packet that is sent at `now`. */
function written(times: PacketTimes, now: number, flags = 2): string {
  const bytes = new Uint8Array(8);
  const start = times.write(bytes, 6, flags, now);
  assert.equal(hex(bytes.subarray(0, start)), "00".repeat(start));
  assert.equal(hex(bytes.subarray(6)), "0000");
  return hex(bytes.subarray(start, 6));
}

test("each packet has the time at which it is sent", () => {
  const times = new PacketTimes();
  assert.equal(written(times, 0x2345 * 4 + 3), "0a2345");
  assert.equal(written(times, 0x12345 * 4, 0x82), "8a2345", "which begins again");
});

test("the newest time of the peer is given back once, with how long it was kept", () => {
  const times = new PacketTimes();
  assert.equal(read(times, TIME, [0xff, 0xfe], 1000), undefined);
  assert.equal(written(times, 1011), "0e00fc0000", "two units later, which begin again");
  assert.equal(written(times, 1012), "0a00fd");
  // The same one again is no newer one, and nor is one from before.
  read(times, TIME, [0xff, 0xfe], 1020);
  read(times, TIME, [0xff, 0xfd], 1020);
  assert.equal(written(times, 1020), "0a00ff");
  read(times, TIME, [0, 1], 1100);
  assert.equal(written(times, 1100), "0e01130001");
  // One that is half of all units ahead is from before, and what is less is ahead.
  read(times, TIME, [0x80, 1], 1100);
  assert.equal(written(times, 1100), "0a0113");
  read(times, TIME, [0x80, 0], 1100);
  assert.equal(written(times, 1100), "0e01138000");
});

test("a time that is older than 128 seconds is not given back", () => {
  const at = (now: number) => {
    const times = new PacketTimes();
    read(times, TIME, [0, 7], 0);
    return written(times, now);
  };
  assert.equal(at(127_999), "0e7cff7d06");
  assert.equal(at(128_000), "0a7d00");
});

test("what the peer gives back tells the round trip, once for each time", () => {
  const times = new PacketTimes();
  assert.equal(read(times, ECHO, [0, 10], 100), 60);
  assert.equal(read(times, ECHO, [0, 10], 200), undefined);
  assert.equal(read(times, TIME | ECHO, [0, 1, 0xff, 0xff], 8), 12);
  assert.equal(read(times, 0, [0, 5], 100), undefined);
  // What was sent half of all units ago may as well be of the future.
  assert.equal(read(new PacketTimes(), ECHO, [0, 0], 0x7fff * 4), 0x7fff * 4);
  assert.equal(read(new PacketTimes(), ECHO, [0, 0], 0x8000 * 4), undefined);
});
