/** What another server is told of a client. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { askerOf } from "../../src/service/asker.ts";

const context = (query: string, forwardedFor?: string) => ({
  query: new URLSearchParams(query),
  client: {
    protocol: "rtmp",
    secure: false,
    address: { hostname: "192.0.2.7", port: 5 },
    agent: "",
  },
  rtmp: {
    tcUrl: "",
    capabilities: {} as never,
    ...(forwardedFor === undefined ? {} : { forwardedFor }),
  },
});

test("the query goes on but for what says how this server is to send, and a very long one does not", () => {
  assert.equal(askerOf(context("a=1&video=0&a=%26&wait=0&audio=all")).query, "a=1&a=%26");
  assert.equal(askerOf(context("")).query, "");
  assert.equal(askerOf(context(`a=${"x".repeat(2046)}`)).query.length, 2048);
  assert.equal(askerOf(context(`a=${"x".repeat(2047)}`)).query, "");
});

test("the address is that of the client, or what a server that relays says of its own", () => {
  assert.equal(askerOf(context("")).address, "192.0.2.7");
  assert.equal(askerOf(context("", "198.51.100.1")).address, "192.0.2.7", "anybody could say so");
  assert.equal(askerOf(context("", "198.51.100.1"), ["0123456789abcdef"]).address, "198.51.100.1");
  assert.deepEqual(askerOf(context(""), ["0123456789abcdef"]).via, ["0123456789abcdef"]);
});
