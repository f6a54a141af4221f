import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../../../src/core/bytes/hex.ts";

test("each byte is two digits in lower case", () => {
  assert.equal(hex(Uint8Array.of(0, 1, 0x0f, 0x10, 0xab, 255)), "00010f10abff");
  assert.equal(hex([]), "");
});
