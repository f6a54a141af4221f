/** Modules of WebAssembly that are made here, as the runtime takes them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, wasmModule } from "../../../src/core/wasm/assembler.ts";

interface Made {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly [name: string]: unknown;
}

function made(functions: Record<string, Code>, locals = 2): Made {
  const list = Object.entries(functions).map(([name, code]) => ({ name, code, locals }));
  return new WebAssembly.Instance(new WebAssembly.Module(wasmModule(list)))
    .exports as unknown as Made;
}

test("numbers of any size are what they were", () => {
  const numbers = [0, 1, 63, 64, -1, -64, -65, 8191, 8192, -8193, 2 ** 31 - 1, -(2 ** 31)];
  for (const number of numbers) {
    const { memory, run } = made({ run: new Code().const(0).const(number).store(60_000) });
    (run as () => void)();
    assert.equal(new DataView(memory.buffer).getInt32(60_000, true), number);
  }
});

test("functions do as they are told, with locals, memory and repetition", () => {
  const { memory, sum, turn } = made({
    // Adds the words from local 0 to local 1 into the word at 0.
    sum: new Code().repeat((code) =>
      code.const(0).const(0).load(0).get(0).load(0).op("add").store(0)
        .get(0).const(4).op("add").set(0).get(0).get(1).op("ltU")
    ),
    turn: new Code().const(0).get(0).get(1).op("rotr").const(3).loadByte(1).op("xor").store(8),
  });
  const words = new Int32Array(memory.buffer);
  words.set([5, 6, 7], 25);
  (sum as (start: number, end: number) => void)(100, 112);
  assert.equal(words[0], 18);
  (turn as (value: number, bits: number) => void)(0xff, 4);
  assert.equal(words[2]! >>> 0, 0xf000000f);
});
