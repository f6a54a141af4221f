import assert from "node:assert/strict";
import { test } from "node:test";
import { formatIp, parseIp } from "../../../src/core/proxy/ip.ts";
import { isNetwork, Networks } from "../../../src/core/proxy/networks.ts";

test("IP addresses are written in the one way that RFC 5952 has", () => {
  const cases = [
    ["192.0.2.1", "192.0.2.1"],
    ["0.0.0.0", "0.0.0.0"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:c000:0201", "192.0.2.1"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:0db8:0001:0001:0001:0001:0001:0001", "2001:db8:1:1:1:1:1:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8::10:0", "2001:db8::10:0"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ];
  for (const [text, wanted] of cases) assert.equal(formatIp(parseIp(text!)!), wanted, text);
});

test("what is no IP address is none", () => {
  for (
    const text of [
      ...[
        "",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "01.2.3.4",
        "1.2.3.x",
        "1.2.3.4 ",
        "0x1.2.3.4",
      ],
      ...[
        ":",
        ":::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1::2::3",
        "12345::",
        "g::",
        ":1::",
        "::1:",
      ],
      ...["1.2.3.4::", "::1.2.3", "::1.2.3.4:5", "1:2:3:4:5:6:7::8", "[::1]", "fe80::1%eth0"],
    ]
  ) assert.equal(parseIp(text), undefined, text);
});

test("a network has the addresses that begin as it does, however they are written", () => {
  const networks = new Networks([
    "10.1.0.0/15",
    "192.0.2.7",
    "2001:db8::/33",
    "::ffff:198.51.100.0/120",
  ]);
  for (
    const inside of [
      ...["10.0.0.0", "10.1.255.255", "192.0.2.7", "::ffff:192.0.2.7", "2001:db8:7fff::1"],
      "198.51.100.9",
    ]
  ) assert.ok(networks.has(inside), inside);
  for (
    const outside of [
      ...["10.2.0.0", "9.255.255.255", "192.0.2.8", "2001:db8:8000::", "2001:db9::", "::1"],
      ...["198.51.101.1", "unknown", ""],
    ]
  ) assert.ok(!networks.has(outside), outside);
  assert.ok(new Networks(["0.0.0.0/0"]).has("203.0.113.1"));
  assert.ok(!new Networks(["0.0.0.0/0"]).has("2001:db8::1"));
  assert.ok(new Networks(["fe80::/10"]).has("fe80::1%eth0"));
  assert.ok(new Networks([]).empty && !new Networks([]).has("::1"));
});

test("networks that are none are told apart", () => {
  for (const text of ["10.0.0.0/8", "10.0.0.1", "::/0", "::1/128", "0.0.0.0/0"]) {
    assert.ok(isNetwork(text), text);
  }
  for (
    const text of [
      "",
      "10.0.0.0/33",
      "::/129",
      "10.0.0.0/",
      "/8",
      "10.0.0.0/-1",
      "host",
      "::ffff:1.2.3.4/95",
    ]
  ) {
    assert.ok(!isNetwork(text), text);
  }
});
