import assert from "node:assert/strict";
import { test } from "node:test";
import type { Player } from "../../../src/hub/mod.ts";
import { ConnectionWriter } from "../../../src/service/rtmp/connection_writer.ts";
import { MemoryConnection } from "../../support/memory_connection.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_REPLY_BYTES = 256 * 1024;

/** An writer, and the bytes its peer has read. */
function setUp() {
  const read: number[] = [];
  const connection = new MemoryConnection((bytes) => read.push(...bytes));
  connection.start({ onData() {}, onWritable: () => writer.onWritable(), onClose() {} });
  const overflows: number[] = [];
  const faults: unknown[] = [];
  const writer = new ConnectionWriter(connection, {
    onOverflow: () => overflows.push(1),
    onFault: (error) => faults.push(error),
  });
  /** What the peer has read since the last call. */
  const take = () => read.splice(0);
  return { writer, connection, take, overflows, faults };
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
  const { writer, connection, take } = setUp();
  writer.send(Uint8Array.of(1));
  writer.send(Uint8Array.of(2, 3));
  assert.deepEqual(take(), [], "not before it is pumped");
  writer.pump();
  assert.deepEqual(take(), [1, 2, 3]);
  assert.deepEqual(connection.writes, [3]);
});

test("replies overtake media, and media goes on where it was", () => {
  const { writer, connection, take } = setUp();
  connection.block();
  writer.add(player([[1], [2], [3]]));
  writer.pump();
  writer.send(Uint8Array.of(9));
  connection.drain();
  assert.deepEqual(take(), [1, 9, 2, 3]);
});

test("one write is in flight at a time, however often it is pumped", () => {
  const { writer, connection, take } = setUp();
  connection.block();
  writer.add(player([[1, 1], [2, 2], [3, 3]]));
  for (let round = 0; round < 5; round++) writer.pump();
  assert.deepEqual(connection.writes, [2]);
  assert.ok(writer.busy);
  connection.drain(1);
  assert.deepEqual(connection.writes, [2], "half a write is none");
  connection.drain(1);
  assert.deepEqual(connection.writes, [2, 2]);
  connection.drain();
  assert.deepEqual(take(), [1, 1, 2, 2, 3, 3]);
  assert.ok(!writer.busy);
});

test("nothing is written into a write in flight, even from inside a player", () => {
  const { writer, connection, take } = setUp();
  connection.block();
  const pieces = [[1], [2], [3]];
  const next = () => {
    const piece = pieces.shift();
    writer.pump();
    return piece && Uint8Array.from(piece);
  };
  writer.add({ next, fallOut() {} } as unknown as Player);
  writer.pump();
  assert.deepEqual(connection.writes, [1]);
  connection.drain();
  assert.deepEqual(take(), [1, 2, 3]);
});

test("players take turns, so that none waits for another to be done", () => {
  const { writer, take } = setUp();
  writer.add(player([[1], [1], [1]]));
  writer.add(player([[2]]));
  writer.add(player([[3], [3]]));
  writer.pump();
  assert.deepEqual(take(), [1, 2, 3, 1, 3, 1]);
});

test("a player added twice is served once, and one removed not at all", () => {
  const { writer, take } = setUp();
  const one = player([[1], [1]]);
  writer.add(one);
  writer.add(one);
  writer.remove(one);
  writer.remove(one);
  writer.pump();
  assert.deepEqual(take(), []);
});

test("a reply that a player's end brings about goes out in the same turn", () => {
  const { writer, take } = setUp();
  const ending = player([[1]], () => {
    writer.remove(ending);
    writer.send(Uint8Array.of(9));
    writer.pump();
  });
  writer.add(ending);
  writer.add(player([[2], [2]]));
  writer.pump();
  assert.deepEqual(take(), [1, 2, 9, 2]);
});

test("end closes behind the replies, once, and leaves media alone", () => {
  const { writer, connection, take } = setUp();
  connection.block();
  writer.add(player([[1], [2]]));
  writer.pump();
  writer.send(Uint8Array.of(9));
  writer.end();
  assert.equal(connection.closing, undefined, "a write is in flight");
  connection.drain();
  assert.deepEqual(take(), [1, 9]);
  assert.equal(connection.closing, "end");
  writer.pump();
  writer.end();
  writer.onWritable();
  writer.send(Uint8Array.of(9));
  writer.pump();
  assert.deepEqual(take(), [], "nothing is written behind the end");
});

test("replies left unread are bounded: told once, and nothing is kept or written any more", () => {
  const { writer, connection, overflows } = setUp();
  connection.block();
  writer.send(Uint8Array.of(1));
  writer.pump();
  writer.send(new Uint8Array(MAX_REPLY_BYTES));
  assert.equal(overflows.length, 0);
  for (let round = 0; round < 5; round++) writer.send(Uint8Array.of(1));
  assert.equal(overflows.length, 1);
  connection.drain();
  assert.deepEqual(connection.writes, [1]);
});

test("a fault in a player ends its own writer and reaches nobody else", () => {
  const { writer, take, faults } = setUp();
  const next = () => {
    throw new RangeError("a bug of ours");
  };
  writer.add({ next, fallOut() {} } as unknown as Player);
  writer.pump();
  writer.pump();
  assert.equal(faults.length, 1);
  writer.send(Uint8Array.of(1));
  writer.pump();
  assert.deepEqual(take(), []);
});

test("thousands of short replies are kept as few arrays and go out in order", () => {
  const { writer, connection, take } = setUp();
  connection.block();
  const sent: number[] = [];
  for (let i = 0; i < 1000; i++) {
    const reply = Uint8Array.of(i >> 8, i & 255);
    sent.push(...reply);
    writer.send(reply);
    if (i % 100 === 0) writer.pump();
  }
  connection.drain();
  assert.deepEqual(take(), sent);
});

test("over 16 KiB of unread replies are a crowd, until they are written", () => {
  const { writer, connection } = setUp();
  connection.block();
  writer.send(Uint8Array.of(1));
  writer.pump();
  writer.send(new Uint8Array(16 * 1024));
  assert.equal(writer.crowded, false);
  writer.send(Uint8Array.of(1));
  assert.equal(writer.crowded, true);
  connection.drain();
  assert.equal(writer.crowded, false);
});

test("a player is written to past the writer while it is alone there and nothing else is due", () => {
  const { writer, connection } = setUp();
  const free = () => writer.channel !== undefined;
  assert.equal(free(), false, "nobody plays");
  const [one, other] = [player([]), player([])];
  writer.add(one);
  assert.equal(writer.channel, connection);
  writer.add(other);
  assert.equal(free(), false);
  writer.remove(other);
  assert.equal(free(), true);
  writer.send(Uint8Array.of(1));
  assert.equal(free(), false);
  writer.pump();
  assert.equal(free(), true);
  writer.onBlocked();
  assert.deepEqual([free(), writer.busy], [false, true]);
  writer.onWritable();
  assert.deepEqual([free(), writer.busy], [true, false]);
  writer.fail();
  assert.deepEqual([free(), writer.gone], [false, false]);
});

test("players are taken back before anything else is written where they were", () => {
  const { writer, connection } = setUp();
  let back = 0;
  const own = () => ({ next: () => undefined, fallOut: () => void back++ }) as unknown as Player;
  const one = own();
  writer.add(one);
  assert.equal(back, 1);
  writer.add(own());
  assert.equal(back, 3, "the first one as well");
  connection.block();
  writer.send(Uint8Array.of(1));
  writer.pump();
  assert.equal(back, 5, "the connection is full");
  writer.close();
  assert.deepEqual([back, writer.gone], [7, true]);
  writer.close();
  assert.equal(back, 7, "it has none any more");
});

test("a connection that failed or closed is sent nothing, and is closed once", () => {
  for (const how of ["fail", "close"] as const) {
    const { writer, connection, take, overflows } = setUp();
    writer.send(new Uint8Array(20 * 1024));
    assert.equal(writer.crowded, true);
    writer[how]();
    assert.equal(writer.crowded, false, "nothing is kept");
    writer.send(new Uint8Array(MAX_REPLY_BYTES + 1));
    writer.add(player([[2]]));
    writer.pump();
    assert.deepEqual([take(), overflows, writer.crowded], [[], [], false]);
    writer.end();
    assert.deepEqual([connection.closing, writer.gone], [undefined, how === "close"]);
    writer.close();
    writer.fail();
    assert.equal(writer.gone, true, "what is closed stays so");
  }
});

test("once it ends, or is closed, no player's media is written past it", () => {
  for (const end of ["end", "close"] as const) {
    const { writer } = setUp();
    let fallen = 0;
    writer.add({ next: () => undefined, fallOut: () => fallen++ });
    writer.pump();
    assert.ok(writer.channel !== undefined);
    const before = fallen;
    writer[end]();
    assert.equal(fallen, before + 1, end);
    assert.equal(writer.channel, undefined);
    assert.equal(writer.gone, true);
  }
});
