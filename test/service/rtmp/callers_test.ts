/** Who has come to a port and is no client yet, and the way out of an encrypted connection. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rc4 } from "../../../src/core/crypto/rc4.ts";
import type { Connection, Visitor } from "../../../src/ports.ts";
import { Admission, type Evictable } from "../../../src/service/admission.ts";
import { Callers } from "../../../src/service/rtmp/callers.ts";
import { EncryptedConnection } from "../../../src/service/rtmp/encrypted_connection.ts";
import { MemoryConnection } from "../../support/memory_connection.ts";

class Guest implements Visitor {
  readonly remote;
  spoke = false;
  destroyed = 0;

  constructor(hostname = "192.0.2.1") {
    this.remote = { hostname, port: 5 };
  }

  destroy(): void {
    this.destroyed++;
  }
}

function setUp(admits: (hostname: string) => boolean = () => true) {
  const limits = {
    maxConnections: 10,
    maxConnectionsPerAddress: 10,
    limitLoopback: true,
    maxPendingConnections: 10,
  };
  const admission = new Admission<Evictable>(limits);
  const accepted: [Connection, boolean][] = [];
  const host = {
    admission,
    makeRoom: (_now: number) => {},
    now: () => 7,
    admit: ({ hostname }: { hostname: string }) =>
      admits(hostname) ? { group: hostname } : undefined,
    accept: (connection: Connection, secure: boolean) => void accepted.push([connection, secure]),
  };
  return { admission, accepted, host, callers: new Callers(host) };
}

test("a visitor counts from when it came until it has left, as one of its address", () => {
  const { admission, callers } = setUp();
  const guest = new Guest();
  assert.equal(callers.onVisitor(guest), true);
  assert.equal(admission.size, 1);
  assert.equal(admission.addresses, 1);
  callers.onLeft(guest);
  callers.onLeft(guest);
  assert.deepEqual([admission.size, admission.addresses], [0, 0]);
});

test("who is not let in does not count", () => {
  const { admission, callers } = setUp((hostname) => hostname !== "192.0.2.9");
  assert.equal(callers.onVisitor(new Guest("192.0.2.9")), false);
  assert.equal(admission.size, 0);
});

test("a visitor that speaks RTMP is handed on, and counts no more as one", () => {
  const { admission, callers, accepted } = setUp();
  const guest = new Guest();
  callers.onVisitor(guest);
  const connection = new MemoryConnection();
  callers.onConnection(connection, guest, true);
  assert.deepEqual(accepted, [[connection, true]]);
  assert.equal(admission.size, 0);
});

test("who has said nothing makes room first, and may be the one that just came", () => {
  const { admission, callers, host } = setUp();
  const [silent, other] = [new Guest(), new Guest("192.0.2.2")];
  silent.spoke = true;
  callers.onVisitor(silent);
  host.makeRoom = () => {
    const caller = admission.oldestSilent()!;
    assert.deepEqual([caller.progress, caller.address, caller.startedAt], [0, "192.0.2.2:5", 7]);
    admission.leave(caller);
    caller.evict("too many");
  };
  assert.equal(callers.onVisitor(other), false);
  assert.deepEqual([silent.destroyed, other.destroyed], [0, 1]);
  assert.equal(admission.size, 1);
  callers.onLeft(other);
  assert.equal(admission.size, 1);
  assert.equal(admission.oldestSilent()!.progress, 1, "the other one has said something");
});

test("what is written is encrypted, but for what is to stay as it is", () => {
  const written: number[] = [];
  const inner = new MemoryConnection((bytes) => written.push(...bytes));
  inner.start({ onData() {}, onWritable() {}, onClose() {} });
  const key = Uint8Array.of(1, 2, 3, 4, 5);
  const connection = new EncryptedConnection(inner, new Rc4(key), 5);
  const bytes = Uint8Array.of(10, 11, 12);
  assert.equal(connection.write(bytes), true);
  assert.deepEqual(written, [10, 11, 12]);
  const clear = Uint8Array.of(13, 14, 15, 16, 17, 18);
  connection.write(clear);
  assert.deepEqual([...clear], [13, 14, 15, 16, 17, 18], "others may be sent the same bytes");
  connection.write(Uint8Array.of(19));
  const secret = Uint8Array.of(15, 16, 17, 18, 19);
  new Rc4(key).apply(secret, secret);
  assert.deepEqual(written.slice(3), [13, 14, ...secret]);
  assert.equal(connection.bytesWritten, 10);
  inner.room = 1;
  assert.equal(connection.write(Uint8Array.of(1, 2)), false);
});

test("an encrypted connection is otherwise the one that it is made of", () => {
  const inner = new MemoryConnection();
  const connection = new EncryptedConnection(inner, new Rc4(Uint8Array.of(1)), 0);
  let seen = 0;
  connection.start({ onData: (bytes) => seen += bytes.length, onWritable() {}, onClose() {} });
  assert.equal(connection.remote, inner.remote);
  assert.equal(connection.local, inner.local);
  connection.pause();
  assert.equal(inner.paused, true);
  inner.deliver(Uint8Array.of(1, 2));
  connection.resume();
  assert.deepEqual([inner.paused, seen], [false, 2]);
  connection.end();
  assert.equal(inner.closing, "end");
  const other = new MemoryConnection();
  other.start({ onData() {}, onWritable() {}, onClose() {} });
  new EncryptedConnection(other, new Rc4(Uint8Array.of(1)), 0).destroy();
  assert.equal(other.closing, "destroy");
});
