/** MD5, against RFC 1321 §A.5 and node:crypto. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { hex } from "../../../src/core/bytes/hex.ts";
import { md5 } from "../../../src/core/bytes/md5.ts";

const RFC: readonly [text: string, digest: string][] = [
  ["", "d41d8cd98f00b204e9800998ecf8427e"],
  ["a", "0cc175b9c0f1b6a831c399e269772661"],
  ["abc", "900150983cd24fb0d6963f7d28e17f72"],
  ["message digest", "f96b697d7cb7938d525a2f31aaf161d0"],
  ["abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"],
  ["1234567890".repeat(8), "57edf4a22be3c955ac49da2e2107b67a"],
];

test("digests are those of RFC 1321", () => {
  for (const [text, digest] of RFC) assert.equal(hex(md5(new TextEncoder().encode(text))), digest);
});

test("any length around the ends of blocks is padded as by node:crypto", () => {
  for (let length = 50; length < 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, index) => index * 7 + length);
    assert.equal(hex(md5(bytes)), createHash("md5").update(bytes).digest("hex"), `${length}`);
  }
});
