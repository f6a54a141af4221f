import { test } from "node:test";
import process from "node:process";
import { fuzz, FuzzFailure, MAX_INPUT_MS } from "../fuzz/fuzzer.ts";
import { hex } from "../support/scripted_client.ts";
import { figure, sized } from "../support/figure.ts";

test("A10: structured and damaged inputs end in events or a ProtocolError, within bounds", async () => {
  const given = process.env.SLUICE_TEST_SEED;
  const seed = given === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(given);
  const count = sized(5000, 100_000);
  try {
    const { slowestMs, seconds, heapGrowth } = await fuzz(seed, count);
    figure({ id: "A10", what: "inputs without a failure", value: count, unit: "inputs" });
    figure({
      ...{ id: "A10", what: "slowest input", value: Number(slowestMs.toFixed(1)), unit: "ms" },
      ...{ atMost: MAX_INPUT_MS, by: "cpu" },
    });
    figure({
      ...{ id: "A10", what: "growth of the heap", value: Math.round(heapGrowth / 2 ** 20) },
      ...{ unit: "MiB", atMost: 16, slack: 4 },
    });
    const value = Math.round(count / seconds);
    figure({ id: "A10", what: "inputs a second", value, unit: "inputs/s" });
  } catch (error) {
    if (!(error instanceof FuzzFailure)) throw error;
    const { input } = error;
    console.error(`seed ${seed}; replay with deno task fuzz --seed ${input.seed} --count 1`);
    console.error(hex(input.bytes));
    throw error;
  }
});
