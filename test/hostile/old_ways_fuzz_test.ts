import { test } from "node:test";
import process from "node:process";
import { fuzzOldWay, OLD_WAYS, type OldWay } from "../fuzz/old_ways.ts";
import { figure, sized } from "../support/figure.ts";

for (const way of Object.keys(OLD_WAYS) as OldWay[]) {
  test(`A14: ${OLD_WAYS[way]} of ${way} of every kind end no session but their own, within bounds`, async () => {
    const given = process.env.SLUICE_TEST_SEED;
    const seed = given === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(given);
    const { count, heapGrowth } = await fuzzOldWay(way, seed, sized(2500, 100_000));
    const id = "A14";
    figure({ id, what: `${OLD_WAYS[way]} without a failure`, value: count, unit: OLD_WAYS[way] });
    figure({
      ...{ id, what: `growth of the heap by ${OLD_WAYS[way]}`, unit: "MiB", atMost: 16, slack: 4 },
      value: Math.round(heapGrowth / 2 ** 20),
    });
  });
}
