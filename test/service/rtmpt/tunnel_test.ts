/** A connection that is carried by requests. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MediaMemory } from "../../../src/hub/mod.ts";
import { Tunnel } from "../../../src/service/rtmpt/tunnel.ts";
import { FakeClock } from "../../support/clock.ts";

const ADDRESS = { hostname: "192.0.2.1", port: 5 };
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A tunnel, what its owner was told, and what its requests were answered. */
function setUp(all = { bytes: 0 }) {
  const clock = new FakeClock();
  const memory = new MediaMemory();
  const told: string[] = [];
  const answers: string[] = [];
  const gone = () => told.push("gone");
  const tunnel = new Tunnel(clock, memory, ADDRESS, ADDRESS, () => 250, gone, all);
  const rooms: number[] = [];
  const owner = { data: (_: string) => {}, writable: () => {} };
  tunnel.start({
    onData: (bytes) => {
      told.push(text(bytes));
      owner.data(text(bytes));
    },
    onWritable: () => {
      told.push("writable");
      owner.writable();
    },
    onClose: () => told.push("closed"),
  });
  const carry = (kind: "send" | "idle" | "close", sequence: number, body = "") => {
    const answer = (bytes: Uint8Array | undefined) => {
      const shown = bytes && `${bytes[0]} ${text(bytes.subarray(1))}`.trim();
      answers.push(`${sequence}: ${shown ?? "none"}`);
      rooms.push(bytes?.buffer.byteLength ?? 0);
    };
    tunnel.carry({ kind, sequence, body: bytesOf(body), answer });
  };
  const take = (list: string[]) => list.splice(0);
  return {
    clock,
    memory,
    tunnel,
    owner,
    carry,
    told: () => take(told),
    answers: () => take(answers),
    /** Bytes that each answer had room for. */
    rooms,
  };
}

test("bytes go in with a request, and what is written goes out with its answer", () => {
  const { tunnel, owner, carry, told, answers } = setUp();
  owner.data = (bytes) => assert.equal(tunnel.write(bytesOf(`re: ${bytes}`)), false);
  carry("send", 0, "hello");
  assert.deepEqual([told(), answers()], [["hello", "writable"], ["0: 1 re: hello"]]);
  assert.equal(tunnel.bytesWritten, 9);
});

test("a request for nothing waits until something is written, or a fifth of a second", () => {
  const { clock, tunnel, carry, answers } = setUp();
  carry("idle", 0);
  clock.advance(150);
  assert.deepEqual(answers(), []);
  tunnel.write(bytesOf("a"));
  assert.deepEqual(answers(), [], "not in the midst of the write");
  clock.advance(0);
  assert.deepEqual(answers(), ["0: 1 a"]);
  carry("idle", 1);
  clock.advance(200);
  assert.deepEqual(answers(), ["1: 1"]);
});

test("answers to requests for nothing hold what came in a quarter of a second, those of others go at once", () => {
  const { clock, tunnel, owner, carry, answers } = setUp();
  tunnel.write(bytesOf("a"));
  carry("idle", 0);
  assert.deepEqual(answers(), ["0: 1 a"], "the first one has nothing to wait for");
  const more = ["c", "d"];
  owner.writable = () => {
    const next = more.shift();
    if (next !== undefined) tunnel.write(bytesOf(next));
  };
  clock.advance(100);
  tunnel.write(bytesOf("b"));
  carry("idle", 1);
  clock.advance(149);
  assert.deepEqual(answers(), []);
  clock.advance(1);
  assert.deepEqual(answers(), ["1: 1 bcd"]);
  carry("idle", 2);
  clock.advance(10);
  tunnel.write(bytesOf("e"));
  clock.advance(239);
  assert.deepEqual(answers(), [], "nor in the midst of a wait");
  carry("send", 3, "x");
  assert.deepEqual(answers(), ["2: 1 e", "3: 1"]);
  tunnel.write(bytesOf("f"));
  carry("send", 4, "x");
  assert.deepEqual(answers(), ["4: 1 f"]);
});

test("behind an answer with nothing to say the next one is not waited for", () => {
  const { clock, tunnel, carry, answers } = setUp();
  carry("idle", 0);
  clock.advance(199);
  assert.deepEqual(answers(), []);
  clock.advance(1);
  assert.deepEqual(answers(), ["0: 1"]);
  tunnel.write(bytesOf("a"));
  carry("idle", 1);
  assert.deepEqual(answers(), ["1: 1 a"]);
});

test("one write waits at a time, and the next ones are asked for up to what an answer holds", () => {
  const { tunnel, owner, carry, answers, told } = setUp();
  let left = 10;
  owner.writable = () => {
    if (left-- > 0) tunnel.write(new Uint8Array(64 * 1024).fill(65));
  };
  assert.equal(tunnel.write(bytesOf("a")), false);
  carry("idle", 0);
  const [answer] = answers();
  assert.equal(answer!.length, "0: 1 a".length + 4 * 64 * 1024);
  assert.equal(told().length, 5);
});

test("the bytes of a write are copied before it is taken: they may be used again", () => {
  const { tunnel, owner, carry, answers } = setUp();
  const bytes = bytesOf("abc");
  owner.writable = () => bytes.fill(0);
  tunnel.write(bytes);
  carry("idle", 0);
  assert.deepEqual(answers(), ["0: 1 abc"]);
});

test("requests are taken in their order, whichever comes first", () => {
  const { clock, carry, told, answers } = setUp();
  carry("send", 0, "a");
  carry("send", 2, "c");
  carry("send", 3, "d");
  assert.deepEqual([told(), answers()], [["a"], ["0: 1"]]);
  carry("send", 1, "b");
  assert.deepEqual(told(), ["b", "c", "d"]);
  assert.deepEqual(answers(), ["1: 1", "2: 1", "3: 1"]);
  clock.advance(60_000);
  assert.deepEqual(answers(), [], "each is answered once");
});

test("a request that came twice is answered as before and does nothing again", () => {
  const { tunnel, carry, told, answers, memory } = setUp();
  tunnel.write(bytesOf("x"));
  carry("send", 0, "a");
  const { used } = memory;
  assert.ok(used > 0, "the answer is counted");
  carry("send", 0, "a");
  assert.deepEqual([told(), answers()], [["a", "writable"], ["0: 1 x", "0: 1 x"]]);
  carry("send", 1, "b");
  carry("send", 0, "a");
  assert.deepEqual([told(), answers()], [["b"], ["1: 1", "0: none"]]);
  tunnel.destroy();
  assert.equal(memory.used, 0);
});

test("so many come early, with so many bytes, each once, and none waits longer than ten seconds", () => {
  const { clock, carry, answers } = setUp();
  carry("send", 0, "a");
  answers();
  for (let sequence = 2; sequence < 1028; sequence++) carry("send", sequence);
  carry("send", 2);
  assert.deepEqual(answers(), ["1026: none", "1027: none", "2: none"]);
  clock.advance(9999);
  assert.equal(answers().length, 0);
  clock.advance(1);
  assert.equal(answers().length, 1024);
  const long = "x".repeat(1023 * 1024);
  for (const sequence of [2, 3, 4, 5, 6]) carry("send", sequence, long);
  assert.deepEqual(answers(), ["6: none"]);
  clock.advance(10_000);
  answers();
  for (const sequence of [2, 3, 4, 5]) carry("send", sequence, long);
  assert.deepEqual(answers(), [], "there is room again");
});

test("what waits in all sessions is bounded too, and given back with each of them", () => {
  const all = { bytes: 63 * 1024 * 1024 };
  const [one, other] = [setUp(all), setUp(all)];
  const half = "x".repeat(512 * 1024 - 512);
  for (const { carry } of [one, other]) carry("send", 0);
  one.carry("send", 2, half);
  one.carry("send", 3, half);
  other.carry("send", 2, half);
  assert.deepEqual(other.answers(), ["0: 1", "2: none"]);
  one.tunnel.destroy();
  other.carry("send", 2, half);
  assert.deepEqual(other.answers(), []);
  other.carry("send", 1);
  assert.equal(all.bytes, 63 * 1024 * 1024);
});

test("a thousand requests wait while their owner does not read, and are taken in order", () => {
  const { tunnel, carry, told, answers } = setUp();
  tunnel.pause();
  for (let sequence = 0; sequence < 1000; sequence++) carry("send", sequence, `${sequence}`);
  assert.deepEqual(told(), []);
  tunnel.resume();
  assert.deepEqual(told(), Array.from({ length: 1000 }, (_, sequence) => `${sequence}`));
  assert.equal(answers().length, 1000);
});

test("a request is not answered while its owner does not read", () => {
  const { tunnel, carry, told, answers } = setUp();
  tunnel.pause();
  carry("send", 0, "a");
  carry("send", 1, "b");
  carry("idle", 2);
  assert.deepEqual([told(), answers()], [[], []]);
  tunnel.resume();
  assert.deepEqual([told(), answers()], [["a", "b"], ["0: 1", "1: 1"]]);
  tunnel.write(bytesOf("x"));
  carry("idle", 3);
  assert.deepEqual(answers(), ["2: 1 x"]);
});

test("a request that waits is answered when the next one comes", () => {
  const { clock, carry, answers } = setUp();
  carry("idle", 0);
  carry("send", 1, "a");
  assert.deepEqual(answers(), ["0: 1", "1: 1"]);
  clock.advance(60_000);
  assert.deepEqual(answers(), []);
});

test("only requests with bytes bring some", () => {
  const { carry, told } = setUp();
  carry("send", 0, "");
  carry("idle", 1, "x");
  carry("send", 2, "y");
  assert.deepEqual(told(), ["y"]);
});

test("an answer to bytes keeps no request for nothing waiting", () => {
  const { tunnel, carry, answers } = setUp();
  tunnel.write(bytesOf("a"));
  carry("send", 0, "x");
  tunnel.write(bytesOf("b"));
  carry("idle", 1);
  assert.deepEqual(answers(), ["0: 1 a", "1: 1 b"]);
});

test("an answer has room for one that is a quarter longer than the last, or for 2 KiB", () => {
  const { tunnel, owner, carry, rooms } = setUp();
  const say = (sequence: number, length: number) => {
    tunnel.write(new Uint8Array(length));
    carry("send", sequence, "x");
    return rooms.at(-1);
  };
  assert.equal(say(0, 10), 2048);
  assert.equal(say(1, 1638), 2048);
  assert.equal(say(2, 2047), 2048, "just full");
  assert.equal(say(3, 2999), 4500, "half as much again as it takes");
  carry("send", 4, "x");
  assert.equal(say(5, 10), 3750, "one with nothing to say does not count");
  assert.equal(say(6, 10), 2048);
  // The next of two writes makes it longer, and the first one is still there.
  const more = [new Uint8Array(3000).fill(66)];
  owner.writable = () => {
    const next = more.shift();
    if (next !== undefined) tunnel.write(next);
  };
  assert.equal(say(7, 100), 4651);
  carry("send", 8, "x");
  assert.equal(rooms.at(-1), 1, "and with nothing to say for its first byte");
});

test("an answer takes another write while it has 256 KiB and no more", () => {
  const { tunnel, owner, carry, answers } = setUp();
  owner.writable = () => {
    owner.writable = () => {};
    tunnel.write(bytesOf("b"));
  };
  tunnel.write(new Uint8Array(256 * 1024 - 1).fill(65));
  carry("idle", 0);
  assert.ok(answers()[0]!.endsWith("Ab"));
});

test("an end waits for a write that no longer fits into the answer", () => {
  const { clock, tunnel, owner, carry, told, answers } = setUp();
  owner.writable = () => {
    tunnel.write(bytesOf("bye"));
    tunnel.end();
  };
  tunnel.write(new Uint8Array(256 * 1024).fill(65));
  carry("idle", 0);
  assert.ok(answers()[0]!.endsWith("A"));
  assert.deepEqual(told(), ["writable"]);
  carry("idle", 1);
  clock.advance(250);
  assert.deepEqual([answers(), told()], [["1: 1 bye"], ["gone", "closed"]]);
});

test("an owner that closes it while it reads is the end of it, also for what came early", () => {
  const { clock, tunnel, owner, carry, told, answers } = setUp();
  owner.data = () => tunnel.destroy();
  carry("send", 0, "a");
  clock.advance(0);
  assert.deepEqual([told(), answers()], [["a", "gone", "closed"], ["0: none"]]);

  const early = setUp();
  early.carry("send", 0, "a");
  early.carry("close", 2);
  early.carry("send", 3, "d");
  early.carry("send", 1, "b");
  early.clock.advance(60_000);
  assert.deepEqual(early.told(), ["a", "b", "gone", "closed"]);
  assert.deepEqual(early.answers().sort(), ["0: 1", "1: 1", "2: 0", "3: none"]);
});

test("what was not read before it closed is read no more", () => {
  const { clock, tunnel, carry, told, answers } = setUp();
  tunnel.pause();
  carry("send", 0, "a");
  carry("send", 0, "a");
  assert.deepEqual(answers(), ["0: none"], "there is no answer to give again");
  tunnel.end();
  tunnel.end();
  tunnel.resume();
  clock.advance(0);
  assert.deepEqual([told(), answers()], [["gone", "closed"], ["0: none"]]);
});

test("a request for nothing is answered while its owner does not read", () => {
  const { clock, tunnel, carry, answers } = setUp();
  tunnel.pause();
  carry("idle", 0);
  clock.advance(200);
  assert.deepEqual(answers(), ["0: 1"]);
  tunnel.resume();
  carry("idle", 1);
  clock.advance(200);
  assert.deepEqual(answers(), ["1: 1"]);
});

test("what was written is sent before an end, and nothing behind it", () => {
  const { clock, tunnel, carry, told, answers } = setUp();
  tunnel.write(bytesOf("bye"));
  tunnel.end();
  assert.equal(tunnel.write(bytesOf("more")), true);
  assert.deepEqual(told(), []);
  carry("idle", 0);
  assert.deepEqual(answers(), ["0: 1 bye"]);
  assert.deepEqual(told(), ["gone"]);
  clock.advance(0);
  assert.deepEqual(told(), ["closed"]);
  carry("idle", 1);
  assert.deepEqual(answers(), ["1: none"]);
});

test("with nothing to be sent an end is one at once, and every request is told", () => {
  const { clock, tunnel, carry, told, answers } = setUp();
  carry("idle", 0);
  carry("idle", 2);
  tunnel.end();
  tunnel.destroy();
  assert.deepEqual(answers(), ["0: none", "2: none"]);
  clock.advance(20_000);
  assert.deepEqual([told(), answers()], [["gone", "closed"], []]);
});

test("the client's last request ends it, and is answered", () => {
  const { clock, carry, told, answers } = setUp();
  carry("send", 0, "a");
  carry("close", 1);
  clock.advance(0);
  assert.deepEqual([told(), answers()], [["a", "gone", "closed"], ["0: 1", "1: 0"]]);
});
