import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAddress } from "../../src/service/address.ts";

test("an address is written as people and URLs write it", () => {
  assert.equal(formatAddress({ hostname: "127.0.0.1", port: 1935 }), "127.0.0.1:1935");
  assert.equal(formatAddress({ hostname: "::1", port: 80 }), "[::1]:80");
});
