import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { forwardedClient, type ForwardedHeader } from "../../../src/core/proxy/forwarded.ts";
import { Networks } from "../../../src/core/proxy/networks.ts";
import { check } from "../../support/property.ts";

const PEER = { hostname: "10.0.0.1", port: 4711 };
const trusted = new Networks(["10.0.0.0/8", "2001:db8:aaaa::/48"]);
const clientOf = (header: ForwardedHeader, value: string) => {
  const { hostname, port } = forwardedClient(header, value, PEER, (it) => trusted.has(it));
  return `${hostname} ${port}`;
};

test("X-Forwarded-For: the last address that is no trusted proxy is the client", () => {
  const cases = {
    "203.0.113.9": "203.0.113.9 0",
    "203.0.113.9:5555": "203.0.113.9 5555",
    "2001:db8::9": "2001:db8::9 0",
    "[2001:db8::9]:443": "2001:db8::9 443",
    "[2001:db8::9]": "2001:db8::9 0",
    "127.0.0.1, 203.0.113.9": "203.0.113.9 0",
    "198.51.100.1, 203.0.113.9, 10.2.3.4,10.0.0.7": "203.0.113.9 0",
    "10.9.9.9, 10.0.0.7": "10.9.9.9 0",
    // What the last proxy wrote is believed, what is no address is not, nor what is before it.
    "203.0.113.9, unknown": "10.0.0.1 4711",
    "203.0.113.9, rubbish, 10.0.0.7": "10.0.0.7 0",
    "203.0.113.9:99999": "10.0.0.1 4711",
    "": "10.0.0.1 4711",
    ",": "10.0.0.1 4711",
  };
  for (const [value, wanted] of Object.entries(cases)) {
    assert.equal(clientOf("x-forwarded-for", value), wanted, value);
  }
});

test("Forwarded: the same, out of its elements", () => {
  const cases = {
    "for=203.0.113.9": "203.0.113.9 0",
    'For="203.0.113.9:47011";proto=https;by=10.0.0.1': "203.0.113.9 47011",
    'by=203.0.113.43;for="[2001:db8:cafe::17]:4711"': "2001:db8:cafe::17 4711",
    'for=192.0.2.43, for="[2001:db8:aaaa::17]"': "192.0.2.43 0",
    'for=127.0.0.1, for=203.0.113.9 ; host="a, for=1.2.3.4"': "203.0.113.9 0",
    'for="203\\.0.113.9"': "203.0.113.9 0",
    "for=203.0.113.9, for=unknown": "10.0.0.1 4711",
    "for=203.0.113.9, for=_hidden": "10.0.0.1 4711",
    "for=203.0.113.9, proto=http": "10.0.0.1 4711",
    'for=203.0.113.9, for="1.2.3.4': "10.0.0.1 4711",
    "for=203.0.113.9, rubbish": "10.0.0.1 4711",
    "": "10.0.0.1 4711",
  };
  for (const [value, wanted] of Object.entries(cases)) {
    assert.equal(clientOf("forwarded", value), wanted, value);
  }
});

test("whatever a client writes ahead of its proxy changes nothing", () => {
  const before = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.constantFrom("127.0.0.1", "10.0.0.1", '"', "for=::1,"),
  );
  check(fc.property(before, (text) => {
    assert.equal(clientOf("x-forwarded-for", `${text}, 203.0.113.9`), "203.0.113.9 0");
  }));
});
