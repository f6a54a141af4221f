/** Plain requests: what throws on the way ends one request, and an answer is held for so long. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { HttpBytes } from "../../src/ports.ts";
import { longestAnswer, STALL_MS } from "../../src/transport/http_plain.ts";
import { said, serve } from "./http_rig.ts";

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

test("a body of a length that is known and small needs no request, in pieces or not", async () => {
  const bodies: string[] = [];
  await using server = await serve(
    async (request) => new Response(`other ${(await request.text()).length}`),
    undefined,
    (request, answer) => {
      if (request.target === "/other") return false;
      request.body((bytes) => {
        bodies.push(`${request.method} ${bytes && new TextDecoder().decode(bytes)}`);
        answer(YES);
      });
      return () => {};
    },
  );
  const post = (path: string, body: string) => fetch(server.url + path, { method: "POST", body });
  assert.equal(await (await post("plain", "hello")).text(), "y");
  assert.equal(await (await post("plain", "h".repeat(65_536))).text(), "y");
  assert.equal(await (await post("plain", "h".repeat(65_537))).text(), "other 65537");
  assert.equal(await (await post("other", "hello")).text(), "other 5");
  const head = "POST /plain HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
  assert.match(await said(server.port, `${head}Content-Length: 2\r\n\r\nab`), /y$/);
  assert.match(
    await said(server.port, `${head}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`),
    /other 1/,
  );
  assert.deepEqual(bodies, ["POST hello", `POST ${"h".repeat(65_536)}`, "POST ab"]);
});

test("a body that is cut short is none", async () => {
  const bodies: (Uint8Array | undefined)[] = [];
  const ended = Promise.withResolvers<void>();
  await using server = await serve(() => new Response("other"), undefined, (request, answer) => {
    request.body((bytes) => {
      bodies.push(bytes);
      answer(YES);
      ended.resolve();
    });
    return () => {};
  });
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe");
  setTimeout(() => socket.destroy(), 20);
  await ended.promise;
  assert.deepEqual(bodies, [undefined]);
});
