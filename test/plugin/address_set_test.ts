import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressSet, isAddressRange } from "../../src/plugin/mod.ts";

test("an address is in the ranges that hold it, IPv4 mapped to IPv6 too", () => {
  const set = new AddressSet(["10.0.0.0/9", "192.0.2.7", "2001:db8:8000::/33", "::1", "nonsense"]);
  const inside = [
    ...["10.0.0.0", "10.127.255.255", "::ffff:10.1.2.3", "192.0.2.7", "::ffff:c000:207"],
    ...["2001:db8:8000::", "2001:DB8:ffff::1", "::1", "0:0::1"],
  ];
  const outside = [
    ...["10.128.0.0", "9.255.255.255", "192.0.2.8", "2001:db8:7fff::1", "2001:db9::", "::2", "::"],
    ...["", "nonsense", "10.0.0", "10.0.0.256", "1.1.1.1.1", "::a00:1"],
  ];
  for (const address of inside) assert.ok(set.has(address), address);
  for (const address of outside) assert.ok(!set.has(address), address);
});

test("a range of no bits holds every address of its kind", () => {
  const v4 = new AddressSet(["0.0.0.0/0"]);
  assert.deepEqual(["1.2.3.4", "::ffff:1.2.3.4", "2001:db8::1"].map((one) => v4.has(one)), [
    true,
    true,
    false,
  ]);
  assert.ok(!new AddressSet(["::/0"]).has("1.2.3.4"));
  assert.ok(!new AddressSet(["::/0"]).has("::ffff:1.2.3.4"));
  assert.ok(new AddressSet(["::/0"]).has("2001:db8::1"));
});

test("what is no address and no range is told from what is", () => {
  for (
    const good of ["1.2.3.4", "1.2.3.4/0", "1.2.3.4/32", "::/128", "fe80::1", "::ffff:1.2.3.4"]
  ) {
    assert.ok(isAddressRange(good), good);
  }
  for (
    const bad of [
      "",
      "1.2.3",
      "1.2.3.4/33",
      "::/129",
      "1.2.3.4/",
      "1.2.3.4/-1",
      "host",
      "1.2.3.4/8/8",
      ":::",
    ]
  ) {
    assert.ok(!isAddressRange(bad), bad);
  }
});
