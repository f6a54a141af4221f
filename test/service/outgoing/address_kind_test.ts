/** Which addresses are for all of the Internet. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addressKind } from "../../../src/service/outgoing/address_kind.ts";

test("public addresses are told from those of a network or a machine", () => {
  const kinds: Record<string, string> = {
    "8.8.8.8": "public",
    "172.15.255.255": "public",
    "172.16.0.0": "private",
    "172.31.255.255": "private",
    "172.32.0.0": "public",
    "10.0.0.1": "private",
    "100.63.255.255": "public",
    "100.64.0.1": "private",
    "100.128.0.0": "public",
    "192.168.1.1": "private",
    "127.0.0.1": "loopback",
    "127.255.255.255": "loopback",
    "0.0.0.0": "unspecified",
    "169.254.169.254": "link-local",
    "224.0.0.1": "multicast",
    "255.255.255.255": "reserved",
    "192.0.2.1": "reserved",
    "198.19.0.1": "reserved",
    "::1": "loopback",
    "::": "unspecified",
    "fe80::1%eth0": "link-local",
    "fc00::1": "private",
    "fd12:3456::1": "private",
    "ff02::1": "multicast",
    "2606:4700::1111": "public",
    "2001:db8::1": "reserved",
    "::ffff:127.0.0.1": "loopback",
    "::ffff:8.8.8.8": "public",
    "::10.0.0.1": "private",
    "64:ff9b::a00:1": "private",
    "64:ff9b::808:808": "public",
    "2002:7f00:1::": "loopback",
    "4000::1": "reserved",
  };
  for (const [address, kind] of Object.entries(kinds)) {
    assert.equal(addressKind(address), kind, address);
  }
});

test("each network is what it is from its first address to its last, and no further", () => {
  const kinds: [before: string | undefined, first: string, last: string, after: string, string][] =
    [
      [undefined, "0.0.0.0", "0.255.255.255", "1.0.0.0", "unspecified"],
      ["9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0", "private"],
      ["100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0", "private"],
      ["126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0", "loopback"],
      ["169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0", "link-local"],
      ["172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0", "private"],
      ["191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0", "reserved"],
      ["192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0", "reserved"],
      ["192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0", "private"],
      ["198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0", "reserved"],
      ["198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0", "reserved"],
      ["203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0", "reserved"],
      ["1fff:ffff::", "2000::", "2000:ffff::", "3fff:ffff::", "public"],
      ["fbff:ffff::", "fc00::", "fdff:ffff::", "fe00::", "private"],
      ["fe7f:ffff::", "fe80::", "febf:ffff::", "fe7f::", "link-local"],
      ["fe40::", "fec0::", "feff:ffff::", "fe00::1", "private"],
      ["7f00::", "ff00::", "ffff:ffff::", "bf00::", "multicast"],
      ["2001:db7:ffff::", "2001:db8::", "2001:db8:ffff::", "2001:db9::", "reserved"],
    ];
  for (const [before, first, last, after, kind] of kinds) {
    const isV4 = first.includes(".");
    const outside = isV4 || first.startsWith("2001") ? "public" : "reserved";
    assert.equal(addressKind(first), kind, first);
    assert.equal(addressKind(last), kind, last);
    assert.equal(addressKind(after), first === "2000::" ? kind : outside, after);
    if (before !== undefined) assert.equal(addressKind(before), outside, before);
  }
  assert.equal(addressKind("223.255.255.255"), "public");
  assert.equal(addressKind("239.255.255.255"), "multicast");
  assert.equal(addressKind("240.0.0.0"), "reserved");
});

test("IPv4 inside IPv6 is looked at where it is known to be, and nowhere else", () => {
  for (
    const [address, kind] of [
      ["::fffe:8.8.8.8", "reserved"],
      ["::1:ffff:8.8.8.8", "reserved"],
      ["::2", "unspecified"],
      ["::1:1", "unspecified"],
      ["::8.8.8.1", "public"],
      ["::8.8.0.1", "public"],
      ["64:ff9b::7f00:1", "loopback"],
      ["64:ff9a::808:808", "reserved"],
      ["64:ff9c::808:808", "reserved"],
      ["65:ff9b::808:808", "reserved"],
      ["63:ff9b::808:808", "reserved"],
      ["2002:808:808::7f00:1", "public"],
      ["2002:db8:1::", "public"],
      ["2002:a00:1::", "private"],
      ["2001:a00:1::", "public"],
      ["2003:a00:1::", "public"],
      ["2606:db8::1", "public"],
    ]
  ) {
    assert.equal(addressKind(address!), kind, address);
  }
});

test("what is no address is not public", () => {
  for (const text of ["", "localhost", "1.2.3", "256.1.1.1", "0x7f.1", "2130706433", "::1::"]) {
    assert.equal(addressKind(text), "reserved", text);
  }
});
