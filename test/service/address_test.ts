import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addressGroup,
  formatAddress,
  isLoopbackAddress,
  isLoopbackHost,
} from "../../src/service/address.ts";

test("an address is written as people and URLs write it", () => {
  assert.equal(formatAddress({ hostname: "127.0.0.1", port: 1935 }), "127.0.0.1:1935");
  assert.equal(formatAddress({ hostname: "::1", port: 80 }), "[::1]:80");
});

test("loopback addresses are 127.0.0.0/8, ::1 and their mapped forms, however they are written", () => {
  const own = [
    "127.0.0.1",
    "127.255.0.9",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::FFFF:127.1.2.3",
    "::ffff:7f00:1",
  ];
  const others = [
    "128.0.0.1",
    "1127.0.0.1",
    "127.0.0",
    "::11",
    "::127.0.0.1",
    "::ffff:8000:1",
    "",
    "localhost",
  ];
  assert.deepEqual(own.filter(isLoopbackAddress), own);
  assert.deepEqual(others.filter(isLoopbackAddress), []);
});

test("hosts of this machine are those addresses, in brackets too, and localhost", () => {
  const own = ["127.0.0.1", "::1", "[::1]", "localhost", "LOCALHOST"];
  const others = ["0.0.0.0", "::", "[::]", "192.0.2.1", "localhost.example", "127.example"];
  assert.deepEqual(own.filter(isLoopbackHost), own);
  assert.deepEqual(others.filter(isLoopbackHost), []);
});

test("localhost is this machine however it is written", () => {
  for (
    const host of ["localhost", "LocalHost", "127.0.0.1", "[::1]", "::1", "[::FFFF:127.0.0.1]"]
  ) {
    assert.ok(isLoopbackHost(host), host);
  }
  for (const host of ["localhost.example", "128.0.0.1", "[::2]", ""]) {
    assert.ok(!isLoopbackHost(host), host);
  }
});

test("an address of a few low bits is itself", () => {
  assert.deepEqual(["::1", "::11", "0:0:0:0:0:0:0:ab"].map(addressGroup), ["::1", "::11", "::ab"]);
});
