/** Connecting to others, proved on whichever runtime runs this file. */
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import { type Connection, DialError, type Runtime } from "../../src/ports.ts";
import { loadRuntime } from "../../src/transport/runtime.ts";
import { within } from "../support/deadline.ts";

const runtime = await loadRuntime();
type Dial = Runtime["dialTcp"];
const ways: [name: string, dial: Dial][] = [["as used", runtime.dialTcp]];
// As in tcp_test.ts: Deno has a second way, Bun is tested twice.
if (runtime.name === "deno") {
  ways.push(["as a fallback", (await import("../../src/transport/deno/dial.ts")).dialConn]);
} else {
  ways.push(["as a fallback", runtime.dialTcp]);
}

/** A server that does `serve` with each connection. */
async function withServer(
  serve: (socket: net.Socket) => void,
  run: (port: number) => Promise<void>,
  host = "127.0.0.1",
): Promise<void> {
  const sockets: net.Socket[] = [];
  const server = net.createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    serve(socket);
  }).listen(0, host);
  await once(server, "listening");
  try {
    await run((server.address() as net.AddressInfo).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

/** What `connection` receives, `length` bytes of it. */
function take(connection: Connection, length: number): Promise<string> {
  return within(
    new Promise((resolve) => {
      let text = "";
      connection.start({
        onData(bytes) {
          text += new TextDecoder().decode(bytes);
          if (text.length >= length) resolve(text);
        },
        onWritable() {},
        onClose: () => resolve(`${text} (closed)`),
      });
    }),
    `${length} bytes`,
  );
}

async function failure(dialing: Promise<Connection>): Promise<DialError> {
  const error = await within(dialing, "it fails").then(() => undefined, (error) => error);
  assert.ok(error instanceof DialError, String(error));
  return error;
}

for (const [name, dial] of ways) {
  for (const hostname of ["127.0.0.1", "localhost"]) {
    test(`${name}: ${hostname} is connected to, and both sides hear each other`, () =>
      withServer((socket) => socket.on("data", (bytes) => socket.write(bytes)), async (port) => {
        const connection = await dial({ hostname, port });
        assert.equal(connection.remote.port, port);
        assert.equal(connection.remote.hostname, "127.0.0.1");
        const heard = take(connection, 5);
        connection.write(new TextEncoder().encode("hello"));
        assert.equal(await heard, "hello");
        assert.equal(connection.bytesWritten, 5);
        connection.destroy();
      }));
  }

  test(`${name}: bytes of a server that speaks first are not lost`, () =>
    withServer((socket) => socket.write("first"), async (port) => {
      for (let i = 0; i < 20; i++) {
        const connection = await dial({ hostname: "127.0.0.1", port });
        assert.equal(await take(connection, 5), "first");
        connection.destroy();
      }
    }));

  test(`${name}: a server that closes at once is told as onClose`, () =>
    withServer((socket) => socket.end(), async (port) => {
      const connection = await dial({ hostname: "127.0.0.1", port });
      assert.equal(await take(connection, 1), " (closed)");
    }));

  test(`${name}: a port where nobody listens is refused, with the cause and the cure`, async () => {
    let free = 0;
    await withServer(() => {}, (port) => Promise.resolve(void (free = port)));
    const error = await failure(dial({ hostname: "127.0.0.1", port: free }));
    assert.equal(error.reason, "refused");
    assert.match(error.message, new RegExp(`127.0.0.1:${free}: nothing listens there`));
    assert.notEqual(error.cause, undefined);
  });

  test(`${name}: a name that nobody has is not found`, async () => {
    const error = await failure(dial({ hostname: "no-such-host.invalid", port: 1935 }));
    assert.equal(error.reason, "not-found");
  });

  test(`${name}: what is called off, before or meanwhile, fails at once`, async () => {
    const before = await failure(
      dial({ hostname: "127.0.0.1", port: 9 }, { signal: AbortSignal.abort("enough") }),
    );
    assert.equal(before.reason, "aborted");
    assert.equal(before.cause, "enough");
    const stop = new AbortController();
    const dialing = dial({ hostname: "192.0.2.1", port: 9 }, { signal: stop.signal });
    const failed = failure(dialing);
    stop.abort("enough");
    const meanwhile = await failed;
    // A machine without a network may have said so first.
    assert.ok(["aborted", "unreachable"].includes(meanwhile.reason), meanwhile.reason);
  });

  test(`${name}: an address that does not answer fails in time`, async () => {
    const error = await failure(dial({ hostname: "192.0.2.1", port: 9 }, { timeoutMs: 100 }));
    assert.ok(["timeout", "unreachable", "refused"].includes(error.reason), error.reason);
  });
}

test("an IPv6 address is connected to, and shown in brackets", async (context) => {
  try {
    await withServer((socket) => socket.write("six"), async (port) => {
      const connection = await runtime.dialTcp({ hostname: "::1", port });
      assert.equal(await take(connection, 3), "six");
      connection.destroy();
    }, "::1");
  } catch (error) {
    if ((error as { code?: string }).code !== "EADDRNOTAVAIL") throw error;
    context.diagnostic?.("this machine has no IPv6");
  }
  const error = new DialError("refused", { hostname: "::1", port: 5 });
  assert.match(error.message, /\[::1\]:5/);
});
