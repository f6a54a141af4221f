import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../../../src/core/bytes/hex.ts";
import { crc32, programAssociation, programMap } from "../../../src/core/mpegts/psi.ts";

test("the checksum is that of the check value of CRC-32/MPEG-2", () => {
  // As listed in catalogues of checksums for the digits 1 to 9.
  const digits = Array.from("123456789", (digit) => digit.charCodeAt(0));
  assert.equal(crc32(digits), 0x0376e6e7);
});

test("the program association is the one that FFmpeg writes for one program", () => {
  // ffmpeg 5.1: -f mpegts, first packet behind its pointer field.
  assert.equal(hex(programAssociation()), "00b00d0001c100000001f0002ab104b2");
});

test("the program map is the one that FFmpeg writes for H.264 and AAC", () => {
  // ffmpeg 5.1: -c copy -f mpegts, second table; PIDs 256 and 257, the clock on the first.
  const map = programMap(0x100, [
    { pid: 0x100, streamType: 0x1b },
    { pid: 0x101, streamType: 0x0f },
  ]);
  assert.equal(hex(map), "02b0170001c10000e100f0001be100f0000fe101f0002f44b99b");
});

test("a format that its type does not name is named by a descriptor", () => {
  const map = programMap(0x100, [{ pid: 0x100, streamType: 0x87, registration: "EAC3" }]);
  assert.equal(hex(map.slice(0, -4)), "02b0180001c10000e100f00087e100f006050445414333");
});
