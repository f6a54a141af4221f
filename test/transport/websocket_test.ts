/** WebSockets of `serveHttp`, proved on whichever runtime runs this file. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { frameHeaderSize, Opcode, writeFrameHeader } from "../../src/core/websocket/frame.ts";
import {
  type HttpHandler,
  HttpTakeover,
  type WebSocketConnection,
  WebSocketTakeover,
} from "../../src/ports.ts";
import { BURST_BYTES, MAX_MESSAGE_BYTES } from "../../src/transport/websocket.ts";
import { loadRuntime } from "../../src/transport/runtime.ts";
import { until } from "../support/deadline.ts";
import { rawHttp } from "../support/raw_http.ts";
import { clientFrame, closePayload, WebSocketClient } from "../support/websocket_client.ts";

/** A server that ends with the test. */
async function serve(handler: HttpHandler) {
  const limits = { headerMs: 5000, connections: 50 };
  const address = { hostname: "127.0.0.1", port: 0 };
  const server = await (await loadRuntime()).serveHttp(address, handler, limits);
  return { port: server.address.port, [Symbol.asyncDispose]: () => server.close() };
}

/** A server that makes a WebSocket of each request, and what it sees of the last one. */
async function echoServer() {
  const seen = {
    connection: undefined as WebSocketConnection | undefined,
    messages: [] as number[],
    writable: 0,
    closed: 0,
  };
  const server = await serve(() =>
    new WebSocketTakeover((connection) => {
      seen.connection = connection;
      connection.start({
        onData: (bytes) => seen.messages.push(bytes.length),
        onWritable: () => seen.writable++,
        onClose: () => seen.closed++,
      });
    }, () => {})
  );
  const open = async () => {
    const client = await new WebSocketClient(server.port, "/").opened();
    await client.until(() => seen.connection !== undefined, "it is taken");
    return client;
  };
  return { ...server, seen, open, [Symbol.asyncDispose]: server[Symbol.asyncDispose] };
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A frame of the server as its owner makes it. */
function framed(payload: Uint8Array, opcode: number = Opcode.Binary): Uint8Array {
  const bytes = new Uint8Array(frameHeaderSize(payload.length) + payload.length);
  bytes.set(payload, writeFrameHeader(bytes, 0, opcode, payload.length));
  return bytes;
}

test("a request becomes a WebSocket, to which frames are written as they are", async () => {
  const asked: unknown[] = [];
  await using server = await serve((request, remote, about) => {
    asked.push(request.method, new URL(request.url).pathname, remote.hostname, about);
    return new WebSocketTakeover((connection) => {
      connection.start({ onData() {}, onWritable() {}, onClose() {} });
      assert.equal(connection.remote.hostname, "127.0.0.1");
      assert.equal(connection.bytesWritten, 0);
      assert.equal(connection.write(framed(bytesOf("hello"))), true);
      assert.equal(connection.bytesWritten, 7);
      connection.write(framed(new Uint8Array(70_000).fill(3), Opcode.Text));
    }, () => {});
  });
  using client = await new WebSocketClient(server.port, "/live/demo.flv?a=b").opened();
  const [hello, long] = [await client.frame(2), await client.frame(1)];
  assert.deepEqual([hello.fin, new TextDecoder().decode(hello.payload)], [true, "hello"]);
  assert.equal(long.payload.length, 70_000);
  const about = { chunks: true, webSocket: true };
  assert.deepEqual(asked, ["GET", "/live/demo.flv", "127.0.0.1", about]);
});

test("a handler may refuse, or answer a request for a WebSocket as any other", async () => {
  await using server = await serve((request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/throw") throw new Error("a fault of ours");
    if (pathname === "/flv") {
      return new HttpTakeover(200, { "Content-Type": "x/y" }, (connection) => {
        connection.start({ onData() {}, onWritable() {}, onClose() {} });
        connection.write(bytesOf("media"));
        connection.end();
      }, () => {});
    }
    return new Response("members only", { status: 403, headers: { "X-Why": "so" } });
  });
  using refused = new WebSocketClient(server.port, "/");
  assert.equal(await refused.status(), 403);
  await refused.ended();
  assert.match(refused.head!, /^x-why: so$/im);
  assert.match(refused.text, /members only/);
  using thrown = new WebSocketClient(server.port, "/throw");
  assert.equal(await thrown.status(), 500);
  await thrown.ended();
  using taken = new WebSocketClient(server.port, "/flv");
  assert.equal(await taken.status(), 200);
  await taken.ended();
  assert.equal(taken.text, "media");
});

test("what is no handshake is told so without asking anybody, and other upgrades are passed over", async () => {
  let asked = 0;
  await using server = await serve((_request, _remote, { webSocket }) => {
    asked++;
    return webSocket ? new WebSocketTakeover(() => {}, () => {}) : new Response("plain");
  });
  for (
    const [headers, status] of [
      [{ "Sec-WebSocket-Version": "12" }, 426],
      [{ "Sec-WebSocket-Version": undefined }, 426],
      [{ "Sec-WebSocket-Key": undefined }, 400],
      [{ "Sec-WebSocket-Key": "c2hvcnQ=" }, 400],
    ] as const
  ) {
    using client = new WebSocketClient(server.port, "/", headers);
    assert.equal(await client.status(), status);
    await client.ended();
    if (status === 426) assert.match(client.head!, /^sec-websocket-version: 13$/im);
  }
  const post = await rawHttp(server.port, [
    "POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  ]);
  assert.equal(post.status, 400);
  assert.equal(asked, 0);
  const h2c = await rawHttp(server.port, [
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n",
  ]);
  assert.deepEqual([h2c.status, asked], [200, 1]);
  assert.match(h2c.text, /plain/);
});

test("a plain request is not made a WebSocket, whatever its handler says", async () => {
  let gone = 0;
  await using server = await serve(() => new WebSocketTakeover(() => {}, () => gone++));
  const { status } = await rawHttp(server.port, ["GET / HTTP/1.1\r\nHost: a\r\n\r\n"]);
  assert.deepEqual([status, gone], [426, 1]);
});

test("messages arrive whole, pings are answered, and a goodbye is returned", async () => {
  await using server = await echoServer();
  using client = await server.open();
  client.send(
    clientFrame(2, bytesOf("one")),
    clientFrame(1, bytesOf("tw"), { fin: false }),
    clientFrame(9, bytesOf("between")),
    clientFrame(0, bytesOf("o!")),
    clientFrame(10, bytesOf("unasked")),
    clientFrame(1, new Uint8Array(MAX_MESSAGE_BYTES).fill(0x61)),
  );
  assert.equal(new TextDecoder().decode((await client.frame(10)).payload), "between");
  await client.until(() => server.seen.messages.length === 3, "three messages");
  assert.deepEqual(server.seen.messages, [3, 4, MAX_MESSAGE_BYTES]);
  client.send(clientFrame(8, closePayload(1000, "done")));
  assert.deepEqual(await client.goodbye(), [1000, "done"]);
  await client.ended();
  await client.until(() => server.seen.closed === 1, "its owner is told");
});

test("the owner says goodbye behind what it wrote, and then nothing", async () => {
  await using server = await echoServer();
  for (
    const [close, code, reason] of [
      [(c: WebSocketConnection) => c.end(), 1000, ""],
      [(c: WebSocketConnection) => c.close(1001, "restart"), 1001, "restart"],
    ] as const
  ) {
    using client = await server.open();
    const { connection } = server.seen;
    connection!.write(framed(bytesOf("last")));
    close(connection!);
    assert.equal(connection!.write(framed(bytesOf("behind"))), true);
    assert.equal(new TextDecoder().decode((await client.frame(2)).payload), "last");
    assert.deepEqual(await client.goodbye(), [code, reason]);
    client.send(clientFrame(8, closePayload(code)));
    await client.ended();
    assert.deepEqual(client.frames, []);
  }
});

test("a peer that does not return the goodbye is cut off", async () => {
  await using server = await echoServer();
  using client = await server.open();
  server.seen.connection!.end();
  assert.deepEqual(await client.goodbye(), [1000, ""]);
  await client.until(() => server.seen.closed === 1, "its owner is told");
});

test("a peer that goes without a goodbye is gone, its half of the connection or all of it", async () => {
  await using server = await echoServer();
  using half = await server.open();
  half.finish();
  await half.ended();
  await half.until(() => server.seen.closed === 1, "its owner is told");
  const whole = await server.open();
  whole[Symbol.dispose]();
  await whole.until(() => server.seen.closed === 2, "its owner is told");
});

test("who breaks the protocol is told how, and its connection ends", async () => {
  await using server = await echoServer();
  const long = new Uint8Array(MAX_MESSAGE_BYTES + 1);
  for (
    const [what, frame, code] of [
      ["no mask", clientFrame(2, bytesOf("x"), { masked: false }), 1002],
      ["reserved bit", clientFrame(2, bytesOf("x"), { reserved: 4 }), 1002],
      ["unknown opcode", clientFrame(3), 1002],
      ["fragmented ping", clientFrame(9, bytesOf("x"), { fin: false }), 1002],
      ["long ping", clientFrame(9, new Uint8Array(126)), 1002],
      ["goes on with nothing", clientFrame(0, bytesOf("x")), 1002],
      ["no code that is one", clientFrame(8, closePayload(999)), 1002],
      ["half a code", clientFrame(8, Uint8Array.of(3)), 1002],
      ["no UTF-8", clientFrame(1, Uint8Array.of(0xc3, 0x28)), 1007],
      ["too long", clientFrame(2, long), 1009],
      // Only the head of a message that would be: nothing is kept for it.
      ["declares much", clientFrame(2, long).subarray(0, 8), 1009],
    ] as const
  ) {
    using client = await server.open();
    server.seen.closed = 0;
    client.send(frame);
    assert.equal((await client.goodbye())[0], code, what);
    await client.until(() => server.seen.closed === 1, `${what}: its owner is told`);
  }
});

test("who sends floods of pings, fragments or messages is cut off", async () => {
  await using server = await echoServer();
  const ping = clientFrame(9, bytesOf("x"));
  for (
    const flood of [
      ping,
      clientFrame(0, new Uint8Array(0), { fin: false }),
      clientFrame(2, bytesOf("x")),
    ]
  ) {
    using client = await server.open();
    server.seen.closed = 0;
    if ((flood[0]! & 15) === 0) client.send(clientFrame(2, bytesOf("x"), { fin: false }));
    const many = new Uint8Array(flood.length * Math.ceil(1.5 * BURST_BYTES / flood.length));
    for (let at = 0; at < many.length; at += flood.length) many.set(flood, at);
    client.send(many);
    await client.until(() => server.seen.closed === 1, "its owner is told");
  }
});

test("a peer that reads nothing is owed one answer, however often it asks", async () => {
  await using server = await echoServer();
  using client = await server.open();
  const { connection } = server.seen;
  client.pause();
  // What fills every buffer on the way.
  while (connection!.write(framed(new Uint8Array(65_536)))) { /* until one is in flight */ }
  const pings = Array.from({ length: 200 }, (_, index) => clientFrame(9, Uint8Array.of(index)));
  client.send(...pings);
  client.send(clientFrame(2, bytesOf("behind")));
  await client.until(() => server.seen.messages.length === 1, "all pings were read");
  client.onPayload = () => {};
  client.resume();
  assert.deepEqual([...(await client.frame(10)).payload], [0]);
  assert.deepEqual([...(await client.frame(10)).payload], [199]);
  await client.until(() => server.seen.writable === 1, "the write in flight is taken");
  assert.deepEqual(client.frames, []);
});

test("a write that the peer does not take is in flight until it does", async () => {
  await using server = await echoServer();
  using client = await server.open();
  const { connection, seen } = { connection: server.seen.connection!, seen: server.seen };
  client.pause();
  let written = 0;
  let taken = true;
  const frame = framed(new Uint8Array(1024 * 1024));
  while (taken) {
    taken = connection.write(frame);
    written += frame.length;
  }
  assert.equal(seen.writable, 0);
  assert.ok(connection.bytesWritten < written);
  client.onPayload = () => {};
  client.resume();
  await client.until(() => seen.writable === 1, "the write is taken");
  assert.equal(connection.bytesWritten, written);
});

test("who goes, or speaks, before it is answered is gone, and the other end of it is told", async () => {
  const waiting: ((answer: WebSocketTakeover) => void)[] = [];
  let gone = 0;
  let aborted = 0;
  await using server = await serve((request) => {
    request.signal.addEventListener("abort", () => aborted++);
    return new Promise((resolve) => waiting.push(resolve));
  });
  const leave = [
    (client: WebSocketClient) => client[Symbol.dispose](),
    (client: WebSocketClient) => client.finish(),
    (client: WebSocketClient) => client.send(clientFrame(2, bytesOf("early"))),
  ];
  for (const [index, act] of leave.entries()) {
    using client = new WebSocketClient(server.port, "/");
    await client.until(() => waiting.length === index + 1, "it is asked about");
    act(client);
    await client.until(() => aborted === index + 1, "the request is over");
    waiting[index]!(new WebSocketTakeover(() => assert.fail("it is gone"), () => gone++));
    await until(() => Promise.resolve(gone === index + 1), "it is told that it is gone");
  }
});

test("a server that closes closes its WebSockets", async () => {
  const server = await echoServer();
  using client = await server.open();
  await server[Symbol.asyncDispose]();
  await client.ended();
  assert.equal(server.seen.closed, 1);
});
