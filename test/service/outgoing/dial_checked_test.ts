/** Connecting with a look at the addresses first. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DialError } from "../../../src/ports.ts";
import {
  dialChecked,
  ForbiddenAddressError,
  type OutgoingRuntime,
} from "../../../src/service/outgoing/dial_checked.ts";
import { FakeClock } from "../../support/clock.ts";
import { MemoryConnection } from "../../support/memory_connection.ts";

/** A machine whose names are known, and that notes who is dialled. */
class Machine {
  readonly clock = new FakeClock();
  readonly dialled: string[] = [];
  readonly silent = new Set<string>();
  /** What happens while an address is dialled. */
  onDial = () => {};
  addresses: readonly string[] | "never" = [];

  readonly runtime: OutgoingRuntime = {
    clock: this.clock,
    randomBytes: (length) => new Uint8Array(length),
    lookup: () =>
      this.addresses === "never" ? new Promise(() => {}) : Promise.resolve(this.addresses),
    dialTcp: ({ hostname, port }, { timeoutMs } = {}) => {
      this.dialled.push(`${hostname}:${port} ${timeoutMs}`);
      this.onDial();
      return this.silent.has(hostname)
        ? Promise.reject(new DialError("refused", { hostname, port }))
        : Promise.resolve(new MemoryConnection());
    },
    dialTls: ({ hostname, port }, { serverName } = {}) => {
      this.dialled.push(`tls ${hostname}:${port} ${serverName}`);
      return Promise.resolve(new MemoryConnection());
    },
  };

  dial(allowPrivate: boolean, tls = false, signal = new AbortController().signal) {
    const target = { hostname: "relay.test", port: 1935, tls };
    return dialChecked(this.runtime, target, { allowPrivate, timeoutMs: 1000, signal });
  }
}

test("the address is dialled that was looked at, and by TLS held against the name", async () => {
  const machine = new Machine();
  machine.addresses = ["8.8.8.8"];
  await machine.dial(false);
  await machine.dial(false, true);
  assert.deepEqual(machine.dialled, ["8.8.8.8:1935 1000", "tls 8.8.8.8:1935 relay.test"]);
});

test("an address that is not public is not dialled, unless it may be", async () => {
  for (const address of ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1"]) {
    const machine = new Machine();
    machine.addresses = [address];
    await assert.rejects(machine.dial(false), (error) => {
      assert.ok(error instanceof ForbiddenAddressError);
      assert.match(error.message, /relay\.allowPrivate/);
      assert.ok(error.message.includes(address));
      return true;
    });
    assert.deepEqual(machine.dialled, []);
    await machine.dial(true);
    assert.equal(machine.dialled.length, 1);
  }
});

test("of a name with several addresses only public ones are dialled, one after the other", async () => {
  const machine = new Machine();
  machine.addresses = ["10.0.0.1", "8.8.8.8", "9.9.9.9"];
  machine.silent.add("8.8.8.8");
  await machine.dial(false);
  assert.deepEqual(machine.dialled, ["8.8.8.8:1935 500", "9.9.9.9:1935 1000"]);
});

test("what none answers ends as the last one did, and a name without address is not found", async () => {
  const machine = new Machine();
  machine.addresses = ["8.8.8.8", "9.9.9.9"];
  machine.silent.add("8.8.8.8").add("9.9.9.9");
  const reason = (expected: string) => (error: unknown) =>
    error instanceof DialError && error.reason === expected;
  await assert.rejects(machine.dial(false), reason("refused"));
  assert.equal(machine.dialled.length, 2);
  assert.equal(machine.clock.pending, 0);
  machine.addresses = [];
  await assert.rejects(machine.dial(false), reason("not-found"));
  assert.equal(machine.clock.pending, 0);
});

test("no address is dialled without any time, nor when it was called off", async () => {
  const late = new Machine();
  late.addresses = ["8.8.8.8", "9.9.9.9", "1.1.1.1"];
  for (const address of late.addresses) late.silent.add(address);
  let takes = 999;
  late.onDial = () => {
    late.clock.sleep(takes);
    takes = 1;
  };
  await assert.rejects(late.dial(false));
  assert.deepEqual(late.dialled, [`8.8.8.8:1935 ${1000 / 3}`, "9.9.9.9:1935 1"]);
  const off = new Machine();
  off.addresses = late.addresses;
  off.silent.add("8.8.8.8");
  const abort = new AbortController();
  off.onDial = () => abort.abort();
  await assert.rejects(off.dial(false, false, abort.signal));
  assert.equal(off.dialled.length, 1);
  const before = new Machine();
  before.addresses = "never";
  await assert.rejects(
    before.dial(false, false, abort.signal),
    (error) => error instanceof DialError && error.reason === "aborted",
  );
  assert.equal(before.clock.pending, 0);
});

test("a look-up that never ends is given up in time, and when it is called off", async () => {
  const machine = new Machine();
  machine.addresses = "never";
  const late = machine.dial(false);
  machine.clock.advance(1000);
  await assert.rejects(late, (error) => error instanceof DialError && error.reason === "timeout");
  const abort = new AbortController();
  const off = machine.dial(false, false, abort.signal);
  abort.abort();
  await assert.rejects(off, (error) => error instanceof DialError && error.reason === "aborted");
});

test("a look-up that has taken all of the time is what it is, and no name without an address", async () => {
  const machine = new Machine();
  machine.addresses = ["8.8.8.8"];
  const dialling = machine.dial(false);
  // The process stood still: what was to fire fires behind the answer.
  machine.clock.sleep(5000);
  await assert.rejects(
    dialling,
    (error) => error instanceof DialError && error.reason === "timeout",
  );
  assert.deepEqual(machine.dialled, []);
  assert.equal(machine.clock.pending, 0);
});
