import { test } from "node:test";
import assert from "node:assert/strict";
import { ProtocolError } from "../../../../src/core/errors.ts";
import { AssemblyBudget } from "../../../../src/core/rtmp/chunk/assembly_budget.ts";
import { ChunkDecoder } from "../../../../src/core/rtmp/chunk/decoder.ts";
import { bytes, concat } from "./harness.ts";

const DEAF = { onMessage: () => true };

/** A message of 1000 bytes on chunk stream 3, of which `here` bytes are there. */
function begun(here: number): Uint8Array {
  const big = bytes("02 000000 000004 01 00000000 0000ffff");
  return concat(big, bytes("03 000000 0003e8 09 01000000"), new Uint8Array(here));
}

function isLimit(error: unknown): boolean {
  return error instanceof ProtocolError && error.code === "limit";
}

test("who asks for more than is left is refused, and the others keep what they have", () => {
  const budget = new AssemblyBudget(1500);
  const first = new ChunkDecoder({}, budget);
  first.decode(begun(500), 0, DEAF);
  assert.equal(budget.used, 1000);
  const second = new ChunkDecoder({}, budget);
  assert.throws(() => second.decode(begun(500), 0, DEAF), isLimit);
  assert.equal(budget.used, 1000);
  second.release();
  first.decode(new Uint8Array(500), 0, DEAF);
  assert.equal(budget.used, 0);
});

test("a decoder that ends in the middle of messages gives all of it back", () => {
  const budget = new AssemblyBudget();
  for (const lendPayloads of [false, true]) {
    const decoder = new ChunkDecoder({ lendPayloads }, budget);
    decoder.decode(begun(999), 0, DEAF);
    decoder.decode(bytes("00"), 0, DEAF);
    decoder.decode(bytes("07 000000 0003e8 09 01000000 00"), 0, DEAF);
    assert.ok(budget.used > 0);
    assert.equal(budget.used, decoder.assemblyBytes + decoder.spareBytes);
    assert.equal(budget.spare, lendPayloads ? 1000 : 0);
    decoder.release();
    assert.deepEqual([budget.used, budget.spare], [0, 0]);
  }
});

test("buffers kept for the next message are a quarter of the budget at most", () => {
  const budget = new AssemblyBudget(16_000);
  const decoders = Array.from({ length: 10 }, () => {
    const decoder = new ChunkDecoder({ lendPayloads: true }, budget);
    decoder.decode(begun(999), 0, DEAF);
    decoder.decode(bytes("00"), 0, DEAF);
    return decoder;
  });
  assert.deepEqual([budget.used, budget.spare], [4000, 4000]);
  // The same buffer serves the next message: nothing more is taken.
  decoders[0]!.decode(bytes("c3 00"), 0, DEAF);
  assert.deepEqual([budget.used, budget.spare], [4000, 3000]);
  for (const decoder of decoders) decoder.release();
  assert.deepEqual([budget.used, budget.spare], [0, 0]);
});

/** Holders by name, and those that had to go, in their order. */
function holders(maxBytes: number) {
  const budget = new AssemblyBudget(maxBytes);
  const doomed: string[] = [];
  const holder = (name: string, isLetIn = true) => {
    const one = budget.holder(() => doomed.push(name));
    if (isLetIn) one.letIn();
    return one;
  };
  return { budget, doomed, holder };
}

test("where nothing is left the one that holds most makes room, and not the one that asks", () => {
  const { budget, doomed, holder } = holders(1000);
  const [large, middle, small] = [holder("large"), holder("middle"), holder("small")];
  large.take(600);
  middle.take(300);
  small.take(200);
  assert.deepEqual(doomed, ["large"]);
  assert.throws(() => large.take(1), { code: "limit" });
  small.take(400);
  assert.deepEqual(doomed, ["large"], "its memory counts as free already");
  assert.throws(() => small.take(200), { code: "limit" }, "which holds most now itself");
  large.give(600);
  assert.equal(budget.holders, 3);
  large.close();
  assert.equal(budget.holders, 2);
  assert.equal(budget.used, 900);
  for (const [one, bytes] of [[middle, 300], [small, 600]] as const) one.give(bytes);
  assert.equal(budget.used, 0);
});

test("those that were not let in share a small part, whatever the others leave", () => {
  const { doomed, holder } = holders(8000);
  const strangers = [0, 1, 2].map((index) => holder(`stranger ${index}`, false));
  const known = holder("known");
  strangers[0]!.take(500);
  strangers[1]!.take(400);
  strangers[2]!.take(300);
  assert.deepEqual(doomed, ["stranger 0"]);
  assert.throws(() => strangers[1]!.take(700), { code: "limit" });
  known.take(6000);
  assert.deepEqual(doomed, ["stranger 0"]);
  strangers[1]!.letIn();
  strangers[2]!.take(600);
  assert.deepEqual(doomed, ["stranger 0"], "who was let in is not counted among them");
});

test("buffers that wait for the next message do not make a holder the largest", () => {
  const { doomed, holder } = holders(1000);
  const [honest, hoarder, other] = [holder("honest"), holder("hoarder"), holder("other")];
  honest.take(250);
  assert.ok(honest.keep(250));
  honest.take(100);
  hoarder.take(400);
  other.take(200);
  other.take(100);
  assert.deepEqual(doomed, ["hoarder"]);
});

test("who was not let in keeps no buffers", () => {
  const { holder } = holders(10_000);
  const one = holder("stranger", false);
  one.take(100);
  assert.equal(one.keep(100), false);
});

test("lent buffers that are not kept are given back behind the message, aggregates excepted", () => {
  for (const [type, left] of [["09", 0], ["16", 600_000]] as const) {
    const decoder = new ChunkDecoder({ lendPayloads: true });
    let lent: Uint8Array | undefined;
    const sink = {
      onMessage(_type: number, _streamId: number, _timestamp: number, payload: Uint8Array) {
        lent = payload;
        assert.equal(payload.length, 600_000);
        return true;
      },
    };
    decoder.decode(bytes("02 000000 000004 01 00000000 00ffffff"), 0, DEAF);
    decoder.decode(bytes(`03 000000 0927c0 ${type} 01000000`), 0, sink);
    decoder.decode(new Uint8Array(599_999), 0, sink);
    decoder.decode(bytes("00"), 0, sink);
    assert.equal(lent!.length, left);
  }
});

/** A budget whose holders write down their names when they have to go. */
function ofHolders(maxBytes = 800) {
  const budget = new AssemblyBudget(maxBytes);
  const doomed: string[] = [];
  const holder = (name: string) => budget.holder(() => doomed.push(name));
  return { budget, holder, doomed };
}

test("strangers together have an eighth, which is free again as they give back or are let in", () => {
  const { holder, doomed } = ofHolders();
  const [a, b] = [holder("a"), holder("b")];
  a.take(60);
  b.take(40);
  assert.throws(() => a.take(1), ProtocolError, "it is the one that holds most");
  assert.equal(a.held, 60, "nothing was taken");
  a.give(60);
  a.take(60);
  a.letIn();
  a.take(500);
  b.take(60);
  assert.deepEqual([a.held, b.held, doomed], [560, 100, []]);
  assert.throws(() => b.take(1), ProtocolError);
});

test("where a stranger asks for too much it goes, not one that was let in", () => {
  const { holder, doomed } = ofHolders();
  const [large, small, known] = [holder("large"), holder("small"), holder("known")];
  known.letIn();
  known.take(600);
  large.take(80);
  small.take(30);
  assert.deepEqual(doomed, ["large"]);
  assert.throws(() => large.take(1), ProtocolError, "it takes nothing more");
  large.give(80);
  small.take(70);
  assert.deepEqual([small.held, known.held, doomed], [100, 600, ["large"]]);
});

test("the one that has most unread makes room where all is taken, whoever asks", () => {
  const { budget, holder, doomed } = ofHolders();
  const [a, b, c] = [holder("a"), holder("b"), holder("c")];
  for (const one of [a, b, c]) one.letIn();
  a.take(300);
  b.take(400);
  c.take(100);
  assert.equal(budget.used, 800);
  c.take(50);
  assert.deepEqual(doomed, ["b"]);
  b.give(400);
  b.close();
  assert.equal(budget.used, 450);
  assert.throws(() => a.take(600), ProtocolError, "it would have most itself");
  assert.deepEqual(doomed, ["b"]);
});

test("buffers that are kept count as taken, up to a quarter, and not as unread", () => {
  const { budget, holder } = ofHolders();
  const one = holder("one");
  one.take(50);
  assert.equal(one.keep(50), false, "who was not let in keeps none");
  one.letIn();
  one.take(200);
  assert.equal(one.keep(200), true);
  assert.equal(one.keep(1), false);
  assert.deepEqual([budget.spare, budget.used, one.held, one.unread], [200, 250, 250, 50]);
  one.reuse(200);
  assert.deepEqual([budget.spare, one.unread], [0, 250]);
});

test("without holders a budget is a bound", () => {
  const budget = new AssemblyBudget(100);
  budget.take(100);
  assert.throws(() => budget.take(1), ProtocolError);
  budget.give(1);
  budget.take(1);
  assert.equal(budget.used, 100);
  assert.equal(new AssemblyBudget().maxBytes, Infinity);
});

test("a message that is dropped gives its memory back, by an Abort and by another header", () => {
  for (const end of ["02 000000 000004 02 00000000 00000006", "06 000000 000001 09 01000000 aa"]) {
    const budget = new AssemblyBudget(1500);
    const decoder = new ChunkDecoder({}, budget);
    decoder.decode(concat(bytes("06 000000 0003e8 09 01000000"), new Uint8Array(128)), 0, DEAF);
    assert.ok(budget.used > 0);
    decoder.decode(bytes(end), 0, DEAF);
    assert.deepEqual([decoder.discardedMessages, decoder.assemblyBytes, budget.used], [1, 0, 0]);
  }
});

test("who asks goes itself where it would hold most with that, and to the byte not", () => {
  for (const [asks, goes] of [[700, "none"], [701, "error"]] as const) {
    const { doomed, holder } = holders(1000);
    const [one, other] = [holder("one"), holder("other")];
    one.take(100);
    other.take(200);
    if (goes === "error") assert.throws(() => one.take(asks), { code: "limit" });
    else one.take(asks);
    assert.deepEqual(doomed, []);
  }
  const { doomed, holder } = holders(1000);
  const [one, other] = [holder("one"), holder("other")];
  one.take(300);
  other.take(600);
  assert.throws(() => one.take(300), { code: "limit" }, "of two that are equal it is who asks");
  one.take(299);
  assert.deepEqual(doomed, ["other"]);
});

test("all that have to go count as free, and one that is let in twice is let in once", () => {
  const { budget, doomed, holder } = holders(1000);
  const [a, b, c, d] = [holder("a"), holder("b"), holder("c"), holder("d")];
  a.take(500);
  b.take(450);
  c.take(440);
  c.take(60);
  assert.deepEqual(doomed, ["a"]);
  b.take(50);
  d.take(10);
  assert.deepEqual(doomed, ["a", "b"]);
  d.take(490);
  assert.deepEqual(doomed, ["a", "b"], "c has 500, and it 500");
  assert.equal(budget.used, 2000);
  a.give(500);
  b.give(500);
  assert.equal(budget.used, 1000);
  d.give(1);
  d.take(1);
  assert.deepEqual(doomed, ["a", "b"]);
  // An eighth of it is for those that were not let in, together.
  const strangers = holders(800);
  const [one, two] = ["one", "two"].map((name) => strangers.holder(name, false));
  one!.take(60);
  one!.letIn();
  one!.letIn();
  two!.take(100);
  assert.throws(() => two!.take(1), { code: "limit" });
  assert.deepEqual(strangers.doomed, []);
});
