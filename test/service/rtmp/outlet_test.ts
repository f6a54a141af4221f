import assert from "node:assert/strict";
import { test } from "node:test";
import type { Player } from "../../../src/hub/mod.ts";
import { MAX_REPLY_BYTES, Outlet } from "../../../src/service/rtmp/outlet.ts";
import { MemoryConnection } from "../../support/memory_connection.ts";

/** An outlet, and the bytes its peer has read. */
function setUp() {
  const read: number[] = [];
  const connection = new MemoryConnection((bytes) => read.push(...bytes));
  connection.start({ onData() {}, onWritable: () => outlet.onWritable(), onClose() {} });
  const overflows: number[] = [];
  const faults: unknown[] = [];
  const outlet = new Outlet(connection, {
    onOverflow: () => overflows.push(1),
    onFault: (error) => faults.push(error),
  });
  /** What the peer has read since the last call. */
  const take = () => read.splice(0);
  return { outlet, connection, take, overflows, faults };
}

/** A player that has these pieces to hand out, and then tells its end if it has one. */
function player(pieces: number[][], onEnd?: () => void): Player {
  const next = () => {
    const piece = pieces.shift();
    if (piece === undefined) onEnd?.();
    return piece && Uint8Array.from(piece);
  };
  return { next, fallOut() {} } as unknown as Player;
}

test("replies go out in order, in one write", () => {
  const { outlet, connection, take } = setUp();
  outlet.send(Uint8Array.of(1));
  outlet.send(Uint8Array.of(2, 3));
  assert.deepEqual(take(), [], "not before it is pumped");
  outlet.pump();
  assert.deepEqual(take(), [1, 2, 3]);
  assert.deepEqual(connection.writes, [3]);
});

test("replies overtake media, and media goes on where it was", () => {
  const { outlet, connection, take } = setUp();
  connection.block();
  outlet.add(player([[1], [2], [3]]));
  outlet.pump();
  outlet.send(Uint8Array.of(9));
  connection.drain();
  assert.deepEqual(take(), [1, 9, 2, 3]);
});

test("one write is in flight at a time, however often it is pumped", () => {
  const { outlet, connection, take } = setUp();
  connection.block();
  outlet.add(player([[1, 1], [2, 2], [3, 3]]));
  for (let round = 0; round < 5; round++) outlet.pump();
  assert.deepEqual(connection.writes, [2]);
  assert.ok(outlet.busy);
  connection.drain(1);
  assert.deepEqual(connection.writes, [2], "half a write is none");
  connection.drain(1);
  assert.deepEqual(connection.writes, [2, 2]);
  connection.drain();
  assert.deepEqual(take(), [1, 1, 2, 2, 3, 3]);
  assert.ok(!outlet.busy);
});

test("nothing is written into a write in flight, even from inside a player", () => {
  const { outlet, connection, take } = setUp();
  connection.block();
  const pieces = [[1], [2], [3]];
  const next = () => {
    const piece = pieces.shift();
    outlet.pump();
    return piece && Uint8Array.from(piece);
  };
  outlet.add({ next, fallOut() {} } as unknown as Player);
  outlet.pump();
  assert.deepEqual(connection.writes, [1]);
  connection.drain();
  assert.deepEqual(take(), [1, 2, 3]);
});

test("players take turns, so that none waits for another to be done", () => {
  const { outlet, take } = setUp();
  outlet.add(player([[1], [1], [1]]));
  outlet.add(player([[2]]));
  outlet.add(player([[3], [3]]));
  outlet.pump();
  assert.deepEqual(take(), [1, 2, 3, 1, 3, 1]);
});

test("a player added twice is served once, and one removed not at all", () => {
  const { outlet, take } = setUp();
  const one = player([[1], [1]]);
  outlet.add(one);
  outlet.add(one);
  outlet.remove(one);
  outlet.remove(one);
  outlet.pump();
  assert.deepEqual(take(), []);
});

test("a reply that a player's end brings about goes out in the same turn", () => {
  const { outlet, take } = setUp();
  const ending = player([[1]], () => {
    outlet.remove(ending);
    outlet.send(Uint8Array.of(9));
    outlet.pump();
  });
  outlet.add(ending);
  outlet.add(player([[2], [2]]));
  outlet.pump();
  assert.deepEqual(take(), [1, 2, 9, 2]);
});

test("end closes behind the replies, once, and leaves media alone", () => {
  const { outlet, connection, take } = setUp();
  connection.block();
  outlet.add(player([[1], [2]]));
  outlet.pump();
  outlet.send(Uint8Array.of(9));
  outlet.end();
  assert.equal(connection.closing, undefined, "a write is in flight");
  connection.drain();
  assert.deepEqual(take(), [1, 9]);
  assert.equal(connection.closing, "end");
  outlet.pump();
  outlet.end();
  outlet.onWritable();
  outlet.send(Uint8Array.of(9));
  outlet.pump();
  assert.deepEqual(take(), [], "nothing is written behind the end");
});

test("replies left unread are bounded: told once, and nothing is kept or written any more", () => {
  const { outlet, connection, overflows } = setUp();
  connection.block();
  outlet.send(Uint8Array.of(1));
  outlet.pump();
  outlet.send(new Uint8Array(MAX_REPLY_BYTES));
  assert.equal(overflows.length, 0);
  for (let round = 0; round < 5; round++) outlet.send(Uint8Array.of(1));
  assert.equal(overflows.length, 1);
  connection.drain();
  assert.deepEqual(connection.writes, [1]);
});

test("a fault in a player ends its own outlet and reaches nobody else", () => {
  const { outlet, take, faults } = setUp();
  const next = () => {
    throw new RangeError("a bug of ours");
  };
  outlet.add({ next, fallOut() {} } as unknown as Player);
  outlet.pump();
  outlet.pump();
  assert.equal(faults.length, 1);
  outlet.send(Uint8Array.of(1));
  outlet.pump();
  assert.deepEqual(take(), []);
});

test("thousands of short replies are kept as few arrays and go out in order", () => {
  const { outlet, connection, take } = setUp();
  connection.block();
  const sent: number[] = [];
  for (let i = 0; i < 1000; i++) {
    const reply = Uint8Array.of(i >> 8, i & 255);
    sent.push(...reply);
    outlet.send(reply);
    if (i % 100 === 0) outlet.pump();
  }
  connection.drain();
  assert.deepEqual(take(), sent);
});

test("over 16 KiB of unread replies are a crowd, until they are written", () => {
  const { outlet, connection } = setUp();
  connection.block();
  outlet.send(Uint8Array.of(1));
  outlet.pump();
  outlet.send(new Uint8Array(16 * 1024));
  assert.equal(outlet.crowded, false);
  outlet.send(Uint8Array.of(1));
  assert.equal(outlet.crowded, true);
  connection.drain();
  assert.equal(outlet.crowded, false);
});

test("a player is written to past the outlet while it is alone there and nothing else is due", () => {
  const { outlet, connection } = setUp();
  const free = () => outlet.channel !== undefined;
  assert.equal(free(), false, "nobody plays");
  const [one, other] = [player([]), player([])];
  outlet.add(one);
  assert.equal(outlet.channel, connection);
  outlet.add(other);
  assert.equal(free(), false);
  outlet.remove(other);
  assert.equal(free(), true);
  outlet.send(Uint8Array.of(1));
  assert.equal(free(), false);
  outlet.pump();
  assert.equal(free(), true);
  outlet.onBlocked();
  assert.deepEqual([free(), outlet.busy], [false, true]);
  outlet.onWritable();
  assert.deepEqual([free(), outlet.busy], [true, false]);
  outlet.fail();
  assert.deepEqual([free(), outlet.gone], [false, false]);
});

test("players are taken back before anything else is written where they were", () => {
  const { outlet, connection } = setUp();
  let back = 0;
  const own = () => ({ next: () => undefined, fallOut: () => void back++ }) as unknown as Player;
  const one = own();
  outlet.add(one);
  assert.equal(back, 1);
  outlet.add(own());
  assert.equal(back, 3, "the first one as well");
  connection.block();
  outlet.send(Uint8Array.of(1));
  outlet.pump();
  assert.equal(back, 5, "the connection is full");
  outlet.close();
  assert.deepEqual([back, outlet.gone], [7, true]);
  outlet.close();
  assert.equal(back, 7, "it has none any more");
});

test("a connection that failed or closed is sent nothing, and is closed once", () => {
  for (const how of ["fail", "close"] as const) {
    const { outlet, connection, take, overflows } = setUp();
    outlet.send(new Uint8Array(20 * 1024));
    assert.equal(outlet.crowded, true);
    outlet[how]();
    assert.equal(outlet.crowded, false, "nothing is kept");
    outlet.send(new Uint8Array(MAX_REPLY_BYTES + 1));
    outlet.add(player([[2]]));
    outlet.pump();
    assert.deepEqual([take(), overflows, outlet.crowded], [[], [], false]);
    outlet.end();
    assert.deepEqual([connection.closing, outlet.gone], [undefined, how === "close"]);
    outlet.close();
    outlet.fail();
    assert.equal(outlet.gone, true, "what is closed stays so");
  }
});
