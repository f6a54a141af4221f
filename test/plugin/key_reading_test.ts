import assert from "node:assert/strict";
import { test } from "node:test";
import { hashOfKey, type StreamKeyEntry } from "../../src/plugin/key_file.ts";
import { readKeysInTurns } from "../../src/plugin/key_reading.ts";

const entry = (id: string): StreamKeyEntry => ({ id, hash: hashOfKey("x"), name: "cam" });
const MANY = Array.from({ length: 1000 }, (_, index) => entry(`k${index}`));
const LONG = JSON.stringify({ keys: MANY }, undefined, 2);

/** The ids that are read. */
async function read(text: string): Promise<string[]> {
  const ids: string[] = [];
  await readKeysInTurns(text, "keys.json", ({ id }) => ids.push(id));
  return ids;
}

test("many keys are read in turns, few at once, and all of them", async () => {
  assert.deepEqual(await read(JSON.stringify({ keys: [entry("a"), entry("b")] })), ["a", "b"]);
  assert.deepEqual(await read('{ "keys": [] }'), []);
  assert.ok(LONG.length > 64 * 1024);
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  try {
    for (const text of [LONG, JSON.stringify({ keys: MANY })]) {
      assert.deepEqual(await read(text), MANY.map(({ id }) => id));
    }
  } finally {
    clearInterval(timer);
  }
  assert.ok(turns > 0, "nothing else had its turn");
});

test("a mistake anywhere in a long file is told by its place, and never what was found", async () => {
  const rejects = (text: string, message: string) => assert.rejects(read(text), { message });
  const none = "keys.json: this is no JSON";
  const end = LONG.lastIndexOf("]");
  for (
    const text of [
      LONG.slice(0, -1),
      LONG.slice(0, LONG.length / 2),
      LONG.slice(0, end) + "," + LONG.slice(end),
      LONG + "{}",
      // Half of a file over a longer one.
      LONG + LONG.slice(LONG.length / 2),
      LONG.replace('"id": "k500"', '"id": k500'),
      LONG.replace("{", '{ "more": 1, '),
      LONG.replace('"k500"', `"${"x".repeat(100_000)}"`),
      '{ "keys": [ { "id": "s3cret',
    ]
  ) await rejects(text, none);
  const wrong = LONG.replace('"id": "k500"', '"id": "s3cret key"');
  await rejects(wrong, "keys.json: keys.500: id: expected 1 to 64 letters, digits or one of _ . -");
  await rejects('{ "keys": [7] }', "keys.json: keys.0: expected Object");
});

test("braces and quotes in texts end nothing", async () => {
  const odd = MANY.map((each) => ({ ...each, app: '} " \\ { \\"' }));
  assert.equal((await read(JSON.stringify({ keys: odd }))).length, 1000);
});
