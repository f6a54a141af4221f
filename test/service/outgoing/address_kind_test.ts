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

test("what is no address is not public", () => {
  for (const text of ["", "localhost", "1.2.3", "256.1.1.1", "0x7f.1", "2130706433", "::1::"]) {
    assert.equal(addressKind(text), "reserved", text);
  }
});
