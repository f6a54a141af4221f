/** The contract of connections that an answer of `serveHttp` takes over. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { type Connection, HttpTakeover } from "../../src/ports.ts";
import { until, within } from "../support/deadline.ts";
import { said, serve } from "./http_rig.ts";

/** An answer that takes its connection over, and the connection once that has happened. */
function takeover() {
  const seen = { writable: 0, closed: 0 };
  let hand: (connection: Connection) => void;
  const handed = new Promise<Connection>((resolve) => hand = resolve);
  const answer = new HttpTakeover(200, { "Content-Type": "video/x-flv" }, (connection) => {
    connection.start({
      onData() {},
      onWritable: () => seen.writable++,
      onClose: () => seen.closed++,
    });
    hand(connection);
  }, () => {});
  return { answer, handed, seen };
}

test("an answer takes its connection over, and writes to it as to any other", async () => {
  const { answer, handed, seen } = takeover();
  await using server = await serve(() => answer, { headerMs: 300, connections: 10 });
  const response = await fetch(server.url);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("Content-Type"), "video/x-flv");
  assert.equal(response.headers.get("Transfer-Encoding"), null);
  const connection = await handed;
  assert.equal(connection.remote.hostname, "127.0.0.1");
  const reader = response.body!.getReader();
  assert.equal(connection.write(Uint8Array.of(1, 2, 3)), true);
  assert.deepEqual([...(await reader.read()).value!], [1, 2, 3]);
  assert.equal(connection.bytesWritten, 3);
  // The deadline of the next head is none of its own.
  await assert.rejects(within(reader.read(), "nothing comes", 600));
  assert.equal(seen.closed, 0);
  connection.end();
  await until(() => Promise.resolve(seen.closed === 1), "the connection is closed");
});

test("a write that the peer does not take is in flight until it does", async () => {
  const { answer, handed, seen } = takeover();
  await using server = await serve(() => answer);
  const socket = connect(server.port, "127.0.0.1");
  let received = 0;
  socket.on("data", (part: Uint8Array) => received += part.length);
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const connection = await handed;
  socket.pause();
  const before = received;
  const bytes = new Uint8Array(1 << 20);
  let written = 0;
  while (connection.write(bytes)) written += bytes.length;
  written += bytes.length;
  assert.ok(connection.bytesWritten < written);
  assert.equal(seen.writable, 0);
  socket.resume();
  await until(() => Promise.resolve(seen.writable === 1), "the write is taken");
  assert.equal(connection.bytesWritten, written);
  assert.equal(connection.write(Uint8Array.of(9)), true);
  connection.end();
  await until(() => Promise.resolve(seen.closed === 1), "the connection is closed");
  assert.ok(received >= before + written);
  socket.destroy();
});

test("a peer that goes, or asks again, ends a connection that was taken over", async () => {
  for (const how of ["hang up", "ask again", "say goodbye"]) {
    const { answer, handed, seen } = takeover();
    await using server = await serve(() => answer);
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.on("data", () => {});
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await handed;
    if (how === "hang up") socket.destroy();
    else if (how === "say goodbye") socket.end();
    else socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => Promise.resolve(seen.closed === 1), how);
    socket.destroy();
  }
});

test("a connection on which other answers are due is not taken over", async () => {
  const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
  for (const paths of [["/slow", "/take"], ["/take", "/take"], ["/slow", "/take", "/slow"]]) {
    const told: string[] = [];
    await using server = await serve((request) => {
      if (!request.url.endsWith("/take")) return new Promise<Response>(() => {});
      return new HttpTakeover(200, {}, () => void told.push("taken"), () => void told.push("gone"));
    });
    assert.equal(await said(server.port, paths.map(request).join("")), "", "nothing out of turn");
    const asked = paths.filter((path) => path === "/take").map(() => "gone");
    await until(() => Promise.resolve(told.length === asked.length), "all are told");
    assert.deepEqual(told, asked);
  }
});

test("whoever waits for an answer on a connection that goes is told, behind another one too", async () => {
  const gone: string[] = [];
  let asked = 0;
  await using server = await serve((request) => {
    const { pathname } = new URL(request.url);
    request.signal.addEventListener("abort", () => gone.push(pathname));
    asked++;
    return new Promise<Response>(() => {});
  });
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => {});
  const paths = Array.from({ length: 12 }, (_, index) => `/${index}`);
  socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(""));
  await until(() => Promise.resolve(asked === paths.length), "all are asked");
  socket.destroy();
  await until(() => Promise.resolve(gone.length >= paths.length), "all are told");
  assert.deepEqual(gone.sort(), paths.sort());
});

test("a connection is taken over behind answers that its client has", async () => {
  const { answer, handed } = takeover();
  await using server = await serve((request) =>
    request.url.endsWith("/take") ? answer : new Response("fine")
  );
  const socket = connect(server.port, "127.0.0.1");
  let text = "";
  socket.on("data", (part: Uint8Array) => {
    text += new TextDecoder().decode(part);
    if (text.endsWith("fine\r\n0\r\n\r\n")) {
      const next = text.split("fine").length > 20 ? "/take" : "/";
      socket.write(`GET ${next} HTTP/1.1\r\nHost: x\r\n\r\n`);
    }
  });
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  (await within(handed, "it is taken over", undefined, () => text)).destroy();
  socket.destroy();
});

test("an answer that cannot be given is told that its connection is gone", async () => {
  let gone = 0;
  await using server = await serve(() =>
    new HttpTakeover(200, { "X-Broken": "a\x01b" }, () => {}, () => void gone++)
  );
  const response = await fetch(server.url);
  assert.deepEqual([response.status, gone], [500, 1]);
  await response.body?.cancel();
});

test("connections that were taken over do not count, and are closed with the server", async () => {
  const taken: { closed: number }[] = [];
  const server = await serve((request) => {
    if (!request.url.endsWith("/take")) return new Response("fine");
    const { answer, seen } = takeover();
    taken.push(seen);
    return answer;
  }, { headerMs: 10_000, connections: 2 });
  const answers = [];
  for (let index = 0; index < 5; index++) answers.push(await fetch(`${server.url}take`));
  assert.equal(await (await fetch(server.url)).text(), "fine");
  assert.deepEqual(taken.map(({ closed }) => closed), [0, 0, 0, 0, 0]);
  await server[Symbol.asyncDispose]();
  await until(() => Promise.resolve(taken.every(({ closed }) => closed === 1)), "all are closed");
  for (const answer of answers) await answer.body?.cancel().catch(() => {});
});
