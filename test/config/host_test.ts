import { test } from "node:test";
import assert from "node:assert/strict";
import { isHost } from "../../src/config/host.ts";

test("addresses and host names are hosts", () => {
  for (
    const host of [
      "127.0.0.1",
      "0.0.0.0",
      "255.255.255.255",
      "::",
      "::1",
      "2001:db8::1",
      "::ffff:127.0.0.1",
      "fe80::1",
      "localhost",
      "media-1.example.org",
      "my_container",
      "3com.example",
      "a".repeat(63) + ".example",
    ]
  ) assert.ok(isHost(host), host);
});

test("everything else is not", () => {
  for (
    const text of [
      "",
      " ",
      "127.0.0.1 ",
      "127.0.0",
      "127.0.0.1.",
      "127.0.0.256",
      "127.0.0.01",
      "1935",
      "127.0.0.1:1935",
      "localhost:1935",
      "[::1]",
      "::1]",
      "::g",
      ":",
      "1::2::3",
      "::1/64",
      "http://localhost",
      "a..b",
      "-a",
      "a-",
      "ä.example",
      "a\nb",
      "localhost\n",
      "a".repeat(64),
      "a.".repeat(127) + "aa",
      "*",
    ]
  ) assert.ok(!isHost(text), JSON.stringify(text));
});

test("a long name is judged in no time", () => {
  assert.ok(!isHost("a-".repeat(100_000)));
  assert.ok(!isHost("1.".repeat(100_000)));
  assert.ok(!isHost("1:".repeat(100_000)));
});
