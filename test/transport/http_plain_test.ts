/** Plain requests: what throws on the way ends one request, and an answer is held for so long. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HttpBytes } from "../../src/ports.ts";
import { longestAnswer, STALL_MS } from "../../src/transport/http_plain.ts";
import { serve } from "./http_rig.ts";

const YES = new HttpBytes(200, {}, [Uint8Array.of(0x79)], 1);
/** No head can hold this. */
const NO = new HttpBytes(200, { "X-Bad": "one\r\ntwo" }, [], 0);

test("a handler that throws answers 500, and the server goes on", async () => {
  await using server = await serve(() => new Response("other"), undefined, ({ target }, answer) => {
    if (target === "/throws") throw new Error("x");
    if (target === "/answers-and-throws") {
      answer(YES);
      throw new Error("x");
    }
    if (target === "/other") return false;
    answer(YES);
    return () => {};
  });
  const asked = async (path: string) => {
    const answer = await fetch(server.url + path);
    return `${answer.status} ${await answer.text()}`;
  };
  assert.equal(await asked("throws"), "500 ");
  assert.equal(await asked("answers-and-throws"), "200 y");
  assert.equal(await asked("other"), "200 other");
  assert.equal(await asked("fine"), "200 y");
});

test("an answer that cannot be sent ends its connection, and whoever gives it goes on", async () => {
  const waiting: ((bytes: HttpBytes) => void)[] = [];
  await using server = await serve(() => new Response("other"), undefined, (_, answer) => {
    waiting.push(answer);
    if (waiting.length === 2) { for (const one of waiting) one(one === waiting[0] ? NO : YES); }
    return () => {};
  });
  const bad = assert.rejects(fetch(`${server.url}bad`));
  while (waiting.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(await (await fetch(`${server.url}good`)).text(), "y");
  await bad;
});

test("what is sent may take minutes, and no hours: bytes are held for it", () => {
  assert.equal(longestAnswer(0), 4 * STALL_MS);
  assert.equal(longestAnswer(2_400_000), 14 * STALL_MS);
});
