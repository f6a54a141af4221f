/** Servers that are silent, or broken, or mean no good: a client ends in time and stays bounded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ClosedError, ProtocolError, RequestTimeoutError } from "../../src/client/mod.ts";
import { MAX_WAITING_REPLIES } from "../../src/client/link.ts";
import { encodeAmf } from "../support/amf0.ts";
import { joined, writeMessage } from "../support/chunks.ts";
import { failure, ScriptedServer, settle, type Step } from "./scripted_server.ts";

for (const step of ["nothing", "handshake"] as const) {
  test(`a server that does ${step} and is silent then fails connect in time`, async () => {
    const server = new ScriptedServer(step);
    const connecting = server.connect({ connectTimeoutMs: 3000 });
    await settle();
    server.clock.advance(2999);
    assert.equal(server.connection.closed, false);
    server.clock.advance(1);
    const error = await failure(connecting);
    assert.ok(error instanceof RequestTimeoutError);
    assert.match(error.message, /connect within 3000 ms/);
    await settle();
    assert.equal(server.connection.closed, true);
    assert.equal(server.clock.pending, 0);
  });
}

for (const step of ["connect", "createStream"] as const) {
  for (const what of ["publish", "play"] as const) {
    test(`a server that goes as far as ${step} fails a ${what} in time, and only that`, async () => {
      const server = new ScriptedServer(step);
      const client = await server.connect({ requestTimeoutMs: 3000 });
      const asking = client[what]("x");
      const patient = client[what]("y", { timeoutMs: 9000 });
      await settle();
      server.clock.advance(3000);
      const error = await failure(asking);
      assert.ok(error instanceof RequestTimeoutError);
      assert.equal(error.request, what);
      assert.equal(server.connection.closed, false);
      server.clock.advance(6000);
      assert.ok(await failure(patient) instanceof RequestTimeoutError);
    });
  }
}

test("a server that sends nothing any more is pinged, then given up; who answers stays", async () => {
  const server = new ScriptedServer();
  const client = await server.connect({ idleTimeoutMs: 8000 });
  const playback = await client.play("x", { queueBytes: 1000 });
  const pings = () => server.messages.filter(({ type }) => type === 4).length;
  server.clock.advance(4000); // Something came: the answer to play.
  server.clock.advance(4000);
  await settle();
  assert.equal(pings(), 1);
  server.message(4, 0, 0, Uint8Array.of(0, 7, 0, 0, 0, 0));
  server.clock.advance(4000);
  assert.equal(server.connection.closed, false);
  // A server that is not read is not to blame.
  for (let i = 0; i < 20; i++) server.message(9, 1, i, new Uint8Array(100));
  server.clock.advance(100_000);
  assert.equal(server.connection.closed, false);
  const reader = playback.getReader();
  for (let i = 0; i < 20; i++) await reader.read();
  server.clock.advance(12_000);
  const error = await client.closed;
  assert.ok(error instanceof ClosedError);
  assert.match(error.message, /nothing for 8000 ms/);
  assert.equal(server.clock.pending, 0);
});

test("a call that is not answered fails in time", async () => {
  const server = new ScriptedServer();
  const client = await server.connect({ requestTimeoutMs: 3000 });
  const calling = client.call("method");
  server.clock.advance(3000);
  assert.ok(await failure(calling) instanceof RequestTimeoutError);
});

const EARLY: readonly Step[] = ["nothing", "handshake"];
for (const step of EARLY) {
  test(`a server that closes after ${step} fails connect at once`, async () => {
    const server = new ScriptedServer(step);
    const connecting = server.connect();
    await settle();
    server.connection.hangUp();
    assert.ok(await failure(connecting) instanceof ClosedError);
    assert.equal(server.clock.pending, 0);
  });
}

test("a server that closes while something is asked, published or called fails all of it", async () => {
  const server = new ScriptedServer();
  const client = await server.connect();
  const writer = (await client.publish("x")).getWriter();
  server.onCommand = () => true;
  const failures = [failure(writer.closed), failure(client.play("y")), failure(client.call("z"))];
  await settle();
  server.connection.hangUp();
  for (const error of await Promise.all(failures)) assert.ok(error instanceof ClosedError);
  assert.ok(await client.closed instanceof ClosedError);
  assert.equal(server.clock.pending, 0);
});

test("a server that says close ends the client", async () => {
  const server = new ScriptedServer();
  const client = await server.connect();
  server.command(0, "close", 0, null);
  assert.ok(await client.closed instanceof ClosedError);
});

test("a server that speaks another protocol is told so", async () => {
  const server = new ScriptedServer("nothing");
  const connecting = server.connect();
  await settle();
  server.deliver(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const error = await failure(connecting);
  assert.ok(error instanceof ProtocolError);
  assert.equal(error.code, "handshake");
  assert.equal(server.connection.closing, "destroy");
});

test("a server that breaks the protocol while it plays ends the client, which says why", async () => {
  const server = new ScriptedServer();
  const client = await server.connect();
  const reading = failure((await client.play("x")).getReader().read());
  server.message(1, 0, 0, new Uint8Array(4));
  const error = await client.closed;
  assert.ok(error instanceof ProtocolError);
  assert.equal(error.code, "control");
  assert.equal(await reading, error);
});

test("pings and calls whose answers the server does not take end the client, bounded", async () => {
  for (const flood of ["pings", "calls"] as const) {
    const server = new ScriptedServer();
    const client = await server.connect();
    server.connection.block();
    const one = flood === "pings"
      ? writeMessage(
        { type: 4, streamId: 0, timestamp: 0, payload: Uint8Array.of(0, 6, 0, 0, 0, 0) },
        2,
        128,
      )
      : writeMessage(
        { type: 20, streamId: 0, timestamp: 0, payload: encodeAmf("m", 5, null) },
        3,
        128,
      );
    const many = joined(Array.from({ length: 100 }, () => one));
    let rounds = 0;
    while (server.connection.closing === undefined) {
      server.deliver(many);
      assert.ok(++rounds < MAX_WAITING_REPLIES / 1000, "it goes on and on");
    }
    const error = await client.closed;
    assert.ok(error instanceof ProtocolError);
    assert.equal(error.code, "limit");
  }
});

test("a list of statuses without end keeps nothing, and begins nothing", async () => {
  const server = new ScriptedServer("createStream");
  const client = await server.connect({ requestTimeoutMs: 3000 });
  const playing = client.play("x");
  await settle();
  let told = 0;
  client.addEventListener("status", () => told++);
  for (let i = 0; i < 5000; i++) {
    server.status(1, "status", i % 2 ? "NetStream.Play.Reset" : "NetStream.Play.Switch");
    server.status(9, "error", "NetStream.Play.Failed");
  }
  assert.equal(told, 10_000);
  server.clock.advance(3000);
  assert.ok(await failure(playing) instanceof RequestTimeoutError);
});

test("tiny messages without end fill a play no further than its bytes", async () => {
  const server = new ScriptedServer();
  const client = await server.connect();
  const playback = await client.play("x", { queueBytes: 10_000 });
  const many = joined(
    Array.from(
      { length: 1000 },
      () =>
        writeMessage({ type: 9, streamId: 1, timestamp: 0, payload: new Uint8Array(0) }, 3, 128),
    ),
  );
  server.deliver(many);
  assert.equal(server.connection.paused, true);
  let read = 0;
  const reader = playback.getReader();
  // Whoever reads gets all of it.
  while (read < 1000) read += (await reader.read()).done ? NaN : 1;
  assert.equal(read, 1000);
});

test("what comes in spite of a pause is bounded", async () => {
  const server = new ScriptedServer();
  const client = await server.connect();
  await client.play("x", { queueBytes: 1000 });
  const one = writeMessage(
    { type: 9, streamId: 1, timestamp: 0, payload: new Uint8Array(60_000) },
    3,
    128,
  );
  for (let i = 0; i < 30 && !server.connection.closed; i++) {
    server.connection.paused = false;
    server.deliver(one);
  }
  const error = await client.closed;
  assert.ok(error instanceof ProtocolError);
  assert.equal(error.code, "limit");
});

test("wrong types in the place of answers refuse what was asked, and the client goes on", async () => {
  for (const id of [null, "one", -1, 0.5, { id: 1 }]) {
    const server = new ScriptedServer("connect");
    const client = await server.connect();
    const playing = client.play("x");
    await settle();
    server.command(0, "_result", 2, null, id);
    assert.match((await failure(playing)).message, /refused to play/);
    assert.equal(server.connection.closed, false);
  }
});
