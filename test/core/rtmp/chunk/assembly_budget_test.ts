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
