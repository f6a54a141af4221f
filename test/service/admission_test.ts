/** Who is let in, and who has to make room. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addressGroup } from "../../src/service/address.ts";
import { Admission, type Guest, type Progress } from "../../src/service/admission.ts";
import { check } from "../support/property.ts";

interface TestGuest extends Guest {
  progress: Progress;
}

function admission(limits: Partial<ConstructorParameters<typeof Admission>[0]> = {}) {
  return new Admission<TestGuest>({
    maxConnections: 1000,
    maxConnectionsPerAddress: 2,
    maxPendingConnections: 3,
    limitLoopback: false,
    ...limits,
  });
}

const guest = (startedAt = 0, progress: Progress = 0): TestGuest => ({ startedAt, progress });
const at = (hostname: string) => ({ hostname, port: 1 });

test("an IPv4 address counts as itself, also where it is mapped to IPv6", () => {
  for (
    const text of ["192.0.2.7", "::ffff:192.0.2.7", "::FFFF:c000:207", "0:0:0:0:0:ffff:c000:207"]
  ) {
    assert.equal(addressGroup(text), "192.0.2.7", text);
  }
});

test("an IPv6 address counts as its first 64 bits, however it is written", () => {
  const group = "2001:db8:0:1::/64";
  for (
    const text of [
      "2001:db8:0:1::5",
      "2001:0DB8:0000:0001:ffff:ffff:ffff:ffff",
      "2001:db8:0:1:0:0:192.0.2.1",
      "2001:db8:0:1::5%eth0",
    ]
  ) assert.equal(addressGroup(text), group, text);
  assert.notEqual(addressGroup("2001:db8:0:2::5"), group);
});

test("text that is no address counts as itself", () => {
  for (const text of ["unknown", "", ":", "1::2::3", "1:2", "::12345", "1:2:3:4:5:6:7:8:9"]) {
    assert.equal(addressGroup(text), text);
  }
});

test("this machine is not limited by address unless it is asked for", () => {
  for (const hostname of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1"]) {
    assert.equal(admission().groupOf(at(hostname)), undefined, hostname);
    assert.notEqual(admission({ limitLoopback: true }).groupOf(at(hostname)), undefined, hostname);
  }
  assert.equal(admission().groupOf(at("128.0.0.1")), "128.0.0.1");
});

test("an address has as many connections as it may, and one more when one leaves", () => {
  const all = admission();
  const group = all.groupOf(at("192.0.2.1"));
  const guests = [guest(), guest()];
  for (const each of guests) {
    assert.ok(!all.crowded(group));
    all.enter(each, group);
  }
  assert.ok(all.crowded(group));
  assert.equal(all.addresses, 1);
  assert.ok(!all.crowded(all.groupOf(at("192.0.2.2"))));
  all.leave(guests[0]!);
  all.leave(guests[0]!);
  assert.ok(!all.crowded(group));
  all.leave(guests[1]!);
  assert.equal(all.addresses, 0);
});

test("who came least far makes room, and of those the oldest", () => {
  const all = admission();
  const [shakes, silent, later, connected] = [guest(0), guest(1), guest(2), guest(3)];
  for (const each of [shakes, silent, later, connected]) all.enter(each, undefined);
  shakes.progress = 1;
  connected.progress = 3;
  assert.equal(all.oldestSilent(), silent);
  all.leave(silent);
  assert.equal(all.oldestSilent(), later);
  all.leave(later);
  assert.equal(all.oldestSilent(), shakes);
  shakes.progress = 2;
  assert.equal(all.oldestSilent(), shakes);
  all.settle(shakes);
  assert.equal(all.oldestSilent(), connected);
  all.settle(connected);
  assert.equal(all.oldestSilent(), undefined);
});

test("nobody makes room while no more are pending than may be, nor who has just come", () => {
  const all = admission();
  for (let index = 0; index < 3; index++) all.enter(guest(0), undefined);
  assert.equal(all.surplus(10_000), undefined);
  all.enter(guest(9990), undefined);
  assert.notEqual(all.surplus(10_000), undefined);
  const young = admission();
  for (let index = 0; index < 6; index++) young.enter(guest(9990), undefined);
  assert.equal(young.surplus(10_000), undefined, "their first bytes may be on the way");
  assert.ok(young.surplus(10_990) !== undefined, "for a second");
  young.enter(guest(9990), undefined);
  assert.notEqual(young.surplus(10_000), undefined, "but not twice as many");
});

test("squeezed, half as many may be pending, never fewer than eight, until it is relaxed", () => {
  const all = admission({ maxPendingConnections: 100 });
  for (let index = 0; index < 60; index++) all.enter(guest(), undefined);
  all.squeeze();
  assert.equal(all.pendingLimit, 30);
  for (let round = 0; round < 10; round++) all.squeeze();
  assert.equal(all.pendingLimit, 8);
  all.relax();
  assert.equal(all.pendingLimit, 100);
});

test("whatever guests do in whatever order, every gauge is zero when they are gone", () => {
  const move = fc.tuple(
    fc.nat(19),
    fc.constantFrom("enter", "come on", "settle", "leave", "evict"),
  );
  check(fc.property(fc.array(move, { maxLength: 200 }), (moves) => {
    const all = admission();
    const guests = Array.from({ length: 20 }, (_, index) => guest(index));
    const here = new Set<TestGuest>();
    const settled = new Set<TestGuest>();
    for (const [index, what] of moves) {
      const one = guests[index]!;
      if (what === "enter" && !here.has(one)) {
        here.add(one);
        one.progress = 0;
        all.enter(one, all.groupOf(at(`192.0.2.${index % 3}`)));
      } else if (what === "come on" && one.progress < 3) one.progress++;
      else if (what === "settle" && here.has(one)) {
        all.settle(one);
        settled.add(one);
      } else if (what === "leave") {
        all.leave(one);
        here.delete(one);
        settled.delete(one);
      } else if (what === "evict") {
        const victim = all.oldestSilent();
        const pending = [...here].filter((other) => !settled.has(other));
        const least = Math.min(...pending.map((other) => other.progress));
        assert.equal(victim?.progress ?? Infinity, least);
        if (victim !== undefined) {
          all.leave(victim);
          here.delete(victim);
        }
      }
      assert.equal(all.size, here.size);
      assert.equal(all.pending, here.size - settled.size);
    }
    for (const one of guests) all.leave(one);
    assert.deepEqual([all.size, all.pending, all.addresses], [0, 0, 0]);
  }));
});

test("it is full with as many as there may be, and counts who is pending", () => {
  const all = admission({ maxConnections: 2 });
  assert.deepEqual([all.full, all.size, all.pending], [false, 0, 0]);
  const guests = [guest(), guest()];
  all.enter(guests[0]!, undefined);
  assert.deepEqual([all.full, all.pending], [false, 1]);
  all.enter(guests[1]!, undefined);
  assert.deepEqual([all.full, all.size, all.pending], [true, 2, 2]);
  all.settle(guests[0]!);
  all.settle(guests[0]!);
  assert.deepEqual([all.full, all.size, all.pending], [true, 2, 1]);
  all.leave(guests[0]!);
  assert.deepEqual([all.full, all.size, all.pending], [false, 1, 1]);
});

test("a peer is young for a second", () => {
  const all = admission();
  for (let index = 0; index < 4; index++) all.enter(guest(1000), undefined);
  assert.equal(all.surplus(1999), undefined);
  assert.notEqual(all.surplus(2000), undefined);
  assert.equal(all.pendingLimit, 3);
});

test("squeezed with few pending, no more may be than are configured", () => {
  const all = admission({ maxPendingConnections: 5 });
  for (let index = 0; index < 4; index++) all.enter(guest(), undefined);
  all.squeeze();
  assert.equal(all.pendingLimit, 5);
  const many = admission({ maxPendingConnections: 100 });
  for (let index = 0; index < 300; index++) many.enter(guest(), undefined);
  many.squeeze();
  assert.equal(many.pendingLimit, 50, "half of those that may be");
});

test("all that ever came are counted, and those that are gone as well", () => {
  const all = admission();
  for (const each of [guest(), guest()]) {
    all.enter(each, undefined);
    all.leave(each);
  }
  assert.deepEqual([all.came, all.size], [2, 0]);
});

test("balancers are not limited by their own address", () => {
  const all = admission({ trustedProxies: ["192.0.2.0/28"] });
  assert.equal(all.groupOf(at("192.0.2.15")), undefined);
  assert.equal(all.groupOf(at("192.0.2.16")), "192.0.2.16");
  assert.equal(all.crowded(undefined), false);
});
