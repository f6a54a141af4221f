/** Connections that balancers pass on, from the header that they begin with. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection, DoorHandler, HeaderReader, Visitor } from "../../src/ports.ts";
import { behindBalancers } from "../../src/service/proxied_arrival.ts";
import { FakeClock } from "../support/clock.ts";
import { MemoryConnection } from "../support/memory_connection.ts";
import { settle } from "../support/rtmp_service.ts";

const CLIENT = { hostname: "198.51.100.9", port: 77 };
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytesOf = (said: string) => new TextEncoder().encode(said);

/** A header is one line: `for CLIENT`, `own`, or it is wrong. */
class LineReader implements HeaderReader {
  #line = "";
  reads = 0;

  read(bytes: Uint8Array): ReturnType<HeaderReader["read"]> {
    this.reads++;
    this.#line += text(bytes);
    const end = this.#line.indexOf("\n");
    if (end < 0) return { kind: "more" };
    const rest = bytesOf(this.#line.slice(end + 1));
    if (this.#line.startsWith("for")) return { kind: "done", client: CLIENT, rest };
    if (this.#line.startsWith("own")) return { kind: "done", rest };
    return { kind: "wrong", why: "it is none" };
  }
}

/** What comes of a connection from a balancer. */
function arrive(stays = true, remote = "192.0.2.1") {
  const clock = new FakeClock();
  const told: string[] = [];
  const reader = new LineReader();
  const given: { connection?: Connection; visitor?: Visitor } = {};
  const door: DoorHandler = {
    onVisitor: (visitor) => {
      given.visitor = visitor;
      told.push(`visitor ${visitor.remote.hostname} ${visitor.spoke}`);
      return stays;
    },
    onLeft: (visitor) => void told.push(`left ${visitor === given.visitor}`),
    onConnection: (connection, visitor, secure) => {
      given.connection = connection;
      told.push(`connection ${connection.remote.hostname} ${visitor === given.visitor} ${secure}`);
      connection.start({
        onData: (bytes) => void told.push(text(bytes)),
        onWritable: () => void told.push("writable"),
        onClose: (error) => void told.push(`closed ${error?.message ?? "by itself"}`),
      });
    },
  };
  const written: string[] = [];
  const outer = new MemoryConnection((bytes) => void written.push(text(bytes)));
  const direct: Connection[] = [];
  const accept = behindBalancers(
    {
      has: (hostname) => hostname === remote,
      reader: () => reader,
      headerMs: 3000,
      onWrong: (balancer, why) => void told.push(`wrong ${balancer.hostname}: ${why}`),
    },
    door,
    clock,
    (connection) => void direct.push(connection),
  );
  accept(outer);
  const say = (said: string) => outer.deliver(bytesOf(said));
  return { clock, told, outer, given, direct, written, reader, say };
}

test("without balancers, and from other addresses, a connection is what it is", () => {
  const accept = () => {};
  assert.equal(behindBalancers(undefined, {} as never, new FakeClock(), accept), accept);
  const { direct, outer, told } = arrive(true, "192.0.2.99");
  assert.deepEqual([direct, told], [[outer], []]);
  outer.start({ onData() {}, onWritable() {}, onClose() {} });
});

test("a client behind a balancer is where the header says, and all behind it is its own", async () => {
  const { clock, told, outer, given, written, say } = arrive();
  assert.deepEqual(told.splice(0), ["visitor 192.0.2.1 false"]);
  say("fo");
  assert.deepEqual([told, given.visitor!.spoke], [[], true]);
  say("r it\nhello");
  assert.deepEqual(told.splice(0), ["connection 198.51.100.9 true false", "hello"]);
  assert.equal(clock.pending, 0, "nobody waits for a header any more");
  say("more");
  assert.deepEqual(told.splice(0), ["more"]);
  const connection = given.connection!;
  assert.deepEqual(connection.remote, CLIENT);
  assert.equal(connection.local, outer.local);
  outer.room = 2;
  assert.equal(connection.write(bytesOf("out")), false);
  assert.equal(connection.bytesWritten, 2);
  outer.drain();
  assert.deepEqual([written.join(""), told.splice(0)], ["out", ["writable"]]);
  assert.equal(connection.write(bytesOf("!")), true);
  connection.pause();
  assert.equal(outer.paused, true);
  connection.resume();
  assert.equal(outer.paused, false);
  connection.end();
  assert.equal(outer.closing, "end");
  await settle();
  assert.deepEqual(told, ["closed by itself"]);
});

test("a connection that the balancer makes for itself is at its own address", () => {
  const { told, given, outer, say } = arrive();
  say("own\n");
  assert.deepEqual(told.slice(1), ["connection 192.0.2.1 true false"], "and nothing came behind");
  assert.equal(given.connection!.remote, outer.remote);
  given.connection!.destroy();
  assert.equal(outer.closing, "destroy");
});

test("a header that is none, or late, closes the connection, which is told once", async () => {
  const wrong = arrive();
  wrong.say("what?\n");
  assert.deepEqual(wrong.told.slice(1), ["wrong 192.0.2.1: it is none", "left true"]);
  assert.equal(wrong.outer.closing, "destroy");
  assert.equal(wrong.clock.pending, 0);
  await settle();
  assert.equal(wrong.told.length, 3);

  const late = arrive();
  late.say("for");
  late.clock.advance(2999);
  assert.equal(late.outer.closing, undefined);
  late.clock.advance(1);
  await settle();
  assert.deepEqual(late.told.slice(1), ["wrong 192.0.2.1: its PROXY header is late", "left true"]);
  assert.equal(late.outer.closing, "destroy");
});

test("a balancer that goes, and one that is sent away, leave nothing", async () => {
  const gone = arrive();
  gone.outer.hangUp();
  await settle();
  assert.deepEqual([gone.told.slice(1), gone.clock.pending], [["left true"], 0]);
  const sent = arrive();
  sent.given.visitor!.destroy();
  await settle();
  assert.deepEqual([sent.told.length, sent.clock.pending], [1, 0], "who sent it away knows");
  assert.equal(sent.outer.closing, "destroy");
});

test("one that has to make room as soon as it comes is closed once", async () => {
  const clock = new FakeClock();
  const outer = new MemoryConnection();
  const told: string[] = [];
  const accept = behindBalancers(
    { has: () => true, reader: () => new LineReader(), headerMs: 1000, onWrong() {} },
    {
      onVisitor: (visitor) => {
        visitor.destroy();
        return false;
      },
      onLeft: () => void told.push("left"),
      onConnection: () => void told.push("connection"),
    },
    clock,
    () => assert.fail("it is of a balancer"),
  );
  accept(outer);
  await settle();
  assert.deepEqual([outer.closing, told, clock.pending], ["destroy", [], 0]);
});

test("one that may not stay is closed, and nothing of it is read", async () => {
  const { told, outer, clock, reader } = arrive(false);
  assert.equal(outer.closing, "destroy");
  outer.closed = false;
  outer.deliver(bytesOf("for it\n"));
  await settle();
  assert.deepEqual([told.length, reader.reads, clock.pending], [1, 0, 0]);
});
