/** Servers that go wrong anywhere in the handshake of TLS, and many that are dialled at once. */
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import { DialError } from "../../src/ports.ts";
import { loadRuntime } from "../../src/transport/runtime.ts";
import { dialTls, outgoing } from "../../src/transport/tls_dial.ts";
import { within } from "../support/deadline.ts";

const runtime = await loadRuntime();

/** An alert that says that there is nothing both could speak, which is fatal. */
const ALERT = Uint8Array.of(0x15, 3, 3, 0, 2, 2, 40);

/** What a server does once it has the ClientHello, and how the attempt may end. */
const ROWS: readonly (readonly [
  what: string,
  serve: (socket: net.Socket) => void,
  reasons: readonly string[],
])[] = [
  ["hangs up", (socket) => socket.end(), ["hung-up"]],
  ["resets the connection", (socket) => socket.resetAndDestroy(), ["hung-up"]],
  ["says that it will not", (socket) => socket.end(ALERT), ["no-tls"]],
  ["says so twice", (socket) => socket.end(new Uint8Array([...ALERT, ...ALERT])), ["no-tls"]],
  ["sends bytes of all kinds", (socket) => socket.write(noise(5000)), ["no-tls"]],
  ["answers by RTMP", (socket) => socket.write(new Uint8Array(3073).fill(3)), ["no-tls"]],
  ["answers by HTTP", (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"), ["no-tls"]],
  [
    "sends a record of no length",
    (socket) => socket.write(Uint8Array.of(0x16, 3, 3, 0, 0)),
    // One runtime waits for the next one.
    ["no-tls", "timeout"],
  ],
  [
    "begins a record that does not end",
    (socket) => socket.write(Uint8Array.of(0x16, 3, 3, 0x40, 0, 2, 0, 0, 0x50)),
    ["timeout"],
  ],
  ["floods", (socket) => flood(socket), ["no-tls"]],
  ["says nothing", () => {}, ["timeout"]],
];

function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 7919) >>> 3 & 255);
}

/** Sends handshakes of 4000 bytes, which ask for another one, as fast as they are taken. */
function flood(socket: net.Socket): void {
  const record = new Uint8Array(5 + 4000);
  record.set([0x16, 3, 3, 0x0f, 0xa0]);
  const pump = () => {
    while (!socket.destroyed && socket.write(record));
  };
  socket.on("drain", pump);
  pump();
}

for (const [what, serve, reasons] of ROWS) {
  test(`a server that ${what} in the handshake of TLS fails by its name, and leaves no socket`, async () => {
    const gone = Promise.withResolvers<void>();
    const server = net.createServer((socket) => {
      socket.on("error", () => {}).on("close", () => gone.resolve());
      socket.once("data", () => serve(socket)).on("end", () => socket.destroy());
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    try {
      // A busy machine may take its time for what ends by itself.
      const timeoutMs = reasons.includes("timeout") ? 500 : 10_000;
      const dialling = runtime.dialTls({ hostname: "127.0.0.1", port }, { timeoutMs });
      const error = await within(dialling, "it fails").then(() => undefined, (error) => error);
      assert.ok(error instanceof DialError, String(error));
      assert.ok(reasons.includes(error.reason), `${error.reason}: ${error.cause}`);
      await within(gone.promise, "our end is closed");
    } finally {
      server.close();
    }
  });
}

test("of many that are dialled at once a few begin at a time, and who is called off leaves the line", async () => {
  const taken = net.createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as net.AddressInfo;
  taken.close();
  await once(taken, "close");
  const off = new AbortController();
  const dial = (signal?: AbortSignal) =>
    dialTls({ hostname: "127.0.0.1", port }, signal === undefined ? {} : { signal })
      .catch((error: DialError) => error.reason);
  const first = Array.from({ length: 20 }, () => dial());
  assert.ok(outgoing.waiting >= 18, `${outgoing.waiting} wait`);
  const before = outgoing.waiting;
  const others = Array.from({ length: 5 }, () => dial(off.signal));
  assert.equal(outgoing.waiting, before + 5);
  off.abort();
  assert.equal(outgoing.waiting, before);
  assert.deepEqual(new Set(await within(Promise.all(others), "those end")), new Set(["aborted"]));
  assert.deepEqual(new Set(await within(Promise.all(first), "all end")), new Set(["refused"]));
  assert.equal(outgoing.waiting, 0);
});
