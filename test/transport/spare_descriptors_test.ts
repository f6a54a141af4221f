/** The reserve of file descriptors, with a machine that has as many as the test says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DescriptorWatches, SpareDescriptors } from "../../src/transport/spare_descriptors.ts";

/** A process with `free` descriptors, and what the owner of the reserve was told. */
function machine(free: number, shed = 0) {
  const told: string[] = [];
  const state = { free, told };
  const open = () => {
    if (state.free <= 0) return undefined;
    state.free--;
    return () => void state.free++;
  };
  const onExhausted = () => {
    told.push("exhausted");
    state.free += shed;
  };
  const spares = new SpareDescriptors(open, onExhausted, () => told.push("recovered"), () => {});
  return Object.assign(state, { spares });
}

test("eight are kept in reserve, and given back in the end", () => {
  const process = machine(100);
  assert.equal(process.free, 92);
  process.spares.check();
  assert.equal(process.free, 92);
  process.spares.close();
  assert.equal(process.free, 100);
  assert.deepEqual(process.told, []);
});

test("when none is left the reserve is given up and the owner told", () => {
  const process = machine(100);
  process.free = 0;
  process.spares.check();
  assert.deepEqual(process.told, ["exhausted", "recovered"]);
  assert.equal(process.free, 7, "one of the eight is in reserve again");
  process.spares.close();
});

test("the owner is told each time, and of a recovery only once there are some again", () => {
  const process = machine(100);
  process.free = -8;
  process.spares.check();
  process.free = 0;
  process.spares.check();
  assert.deepEqual(process.told, ["exhausted", "exhausted"]);
  process.free = 20;
  process.spares.check();
  process.spares.close();
});

test("what the owner gives back fills the reserve first", () => {
  const process = machine(100, 20);
  process.free = 0;
  process.spares.check();
  for (let count = 0; count < 20; count++) process.spares.check();
  assert.equal(process.free, 20);
  process.spares.close();
  assert.equal(process.free, 28);
});

test("whichever listener notices, all of the process are told, until they close", () => {
  const told: string[] = [];
  let free = 100;
  const watches = new DescriptorWatches();
  const [one, other] = ["one", "other"].map((name) =>
    watches.add(
      {
        onExhausted: () => void told.push(`${name} exhausted`),
        renew: () => void told.push(`${name} renewed`),
      },
      () => free > 0 ? (free--, () => void free++) : undefined,
      () => {},
    )
  );
  // Before a timer looks: what is given up at once may be all that the others ever see.
  free = 0;
  one!.check();
  assert.deepEqual(told.splice(0), [
    "one exhausted",
    "other exhausted",
    "one renewed",
    "other renewed",
  ]);
  other!.close();
  free = 0;
  one!.check();
  assert.deepEqual(told, ["one exhausted", "one renewed"]);
  one!.close();
});
