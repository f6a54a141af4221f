/** Connecting to others by TLS, proved on whichever runtime runs this file. */
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import tls from "node:tls";
import { type Connection, DialError } from "../../src/ports.ts";
import { loadRuntime } from "../../src/transport/runtime.ts";
import { within } from "../support/deadline.ts";
import { selfSigned } from "../support/openssl.ts";
import { needs } from "../support/programs.ts";

const runtime = await loadRuntime();

/** A server of TLS with a certificate for `names`. */
async function withTls(
  names: readonly string[],
  run: (port: number, ca: string) => Promise<void>,
  serve: (socket: tls.TLSSocket) => void = (socket) => socket.pipe(socket),
  options: tls.TlsOptions = {},
): Promise<void> {
  const { key, cert } = selfSigned(...names);
  const sockets: net.Socket[] = [];
  const server = tls.createServer({ key, cert, ...options }, (socket) => {
    socket.on("error", () => {});
    serve(socket);
  });
  server.on("connection", (socket) => sockets.push(socket));
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await run((server.address() as net.AddressInfo).port, cert);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

async function failure(dialing: Promise<Connection>): Promise<DialError> {
  const error = await within(dialing, "it fails").then(() => undefined, (error) => error);
  assert.ok(error instanceof DialError, String(error));
  return error;
}

/** What comes until `length` bytes are there, or it is closed. */
function take(connection: Connection, length: number): Promise<number> {
  let count = 0;
  return within(
    new Promise((resolve) =>
      connection.start({
        onData(bytes) {
          count += bytes.length;
          if (count >= length) resolve(count);
        },
        onWritable() {},
        onClose: () => resolve(count),
      })
    ),
    `${length} bytes`,
  );
}

const hello = new TextEncoder().encode("hello");

test(
  ...needs("openssl", "by TLS a trusted name is connected to, by the address that is given"),
  () =>
    withTls(["DNS:relay.test"], async (port, ca) => {
      const connection = await within(
        runtime.dialTls({ hostname: "127.0.0.1", port }, { serverName: "relay.test", ca }),
        "it connects",
      );
      assert.equal(connection.remote.port, port);
      assert.equal(connection.remote.hostname, "127.0.0.1");
      const heard = take(connection, hello.length);
      connection.write(hello);
      assert.equal(await heard, hello.length);
      connection.destroy();
    }),
);

test(
  ...needs("openssl", "by TLS an address is held against those of the certificate"),
  () =>
    withTls(["IP:127.0.0.1"], async (port, ca) => {
      const connection = await within(
        runtime.dialTls({ hostname: "127.0.0.1", port }, { ca }),
        "it connects",
      );
      connection.destroy();
    }),
);

test(
  ...needs("openssl", "a certificate for another name is not accepted"),
  () =>
    withTls(["DNS:other.test"], async (port, ca) => {
      const target = { hostname: "127.0.0.1", port };
      const error = await failure(runtime.dialTls(target, { serverName: "relay.test", ca }));
      assert.equal(error.reason, "untrusted", String(error.cause));
      assert.equal((await failure(runtime.dialTls(target, { ca }))).reason, "untrusted");
    }),
);

test(
  ...needs("openssl", "a certificate that nobody trusts is not accepted"),
  () =>
    withTls(["DNS:relay.test"], async (port) => {
      const error = await failure(
        runtime.dialTls({ hostname: "127.0.0.1", port }, { serverName: "relay.test" }),
      );
      assert.equal(error.reason, "untrusted", String(error.cause));
    }),
);

test(...needs("openssl", "both versions of TLS that are in use are spoken"), async () => {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    await withTls(
      ["DNS:relay.test"],
      async (port, ca) => {
        const connection = await within(
          runtime.dialTls({ hostname: "127.0.0.1", port }, { serverName: "relay.test", ca }),
          version,
        );
        connection.destroy();
      },
      undefined,
      { minVersion: version, maxVersion: version },
    );
  }
});

test("a server that speaks no TLS is told apart from one that cannot be reached", async () => {
  const sockets: net.Socket[] = [];
  const server = net.createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.on("data", () => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const error = await failure(runtime.dialTls({ hostname: "127.0.0.1", port }));
  assert.equal(error.reason, "no-tls", String(error.cause));
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  assert.equal((await failure(runtime.dialTls({ hostname: "127.0.0.1", port }))).reason, "refused");
});

test("a server that hangs up, or says nothing, in the handshake of TLS fails in time", async () => {
  const sockets: net.Socket[] = [];
  let hangUp = true;
  const server = net.createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.on("data", () => hangUp && socket.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  await failure(runtime.dialTls({ hostname: "127.0.0.1", port }));
  hangUp = false;
  const error = await failure(runtime.dialTls({ hostname: "127.0.0.1", port }, { timeoutMs: 200 }));
  assert.equal(error.reason, "timeout");
  for (const socket of sockets) socket.destroy();
  server.close();
});

test(
  ...needs("openssl", "a peer that stops reading holds one write in flight, and goes on"),
  () => {
    const total = 64;
    const block = new Uint8Array(1024 * 1024).fill(3);
    let received = 0;
    let onAll = () => {};
    const all = new Promise<void>((resolve) => onAll = resolve);
    return withTls(["DNS:relay.test"], async (port, ca) => {
      let way: net.Socket | undefined;
      let onward: net.Socket | undefined;
      // Between both, because a paused socket of TLS may go on reading.
      const between = net.createServer((socket) => {
        way = socket;
        onward = net.connect(port, "127.0.0.1");
        for (const end of [socket, onward]) end.on("error", () => {});
        onward.pipe(socket);
        socket.pipe(onward);
        socket.on("close", () => onward!.destroy());
      }).listen(0, "127.0.0.1");
      await once(between, "listening");
      const target = { hostname: "127.0.0.1", port: (between.address() as net.AddressInfo).port };
      const connection = await within(
        runtime.dialTls(target, { serverName: "relay.test", ca }),
        "it connects",
      );
      way!.unpipe();
      way!.pause();
      let sent = 0;
      const pump = () => {
        while (sent < total) {
          sent++;
          if (!connection.write(block)) return;
        }
      };
      connection.start({ onData() {}, onWritable: () => pump(), onClose() {} });
      pump();
      // Until it has stood still for a while.
      for (let before = -1; before !== sent;) {
        before = sent;
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      assert.ok(sent < total / 2, `${sent} of ${total} MiB went to a peer that does not read`);
      way!.pipe(onward!);
      await within(all, "all of it arrives");
      assert.ok(connection.bytesWritten >= total * block.length);
      connection.destroy();
      between.close();
    }, (socket) =>
      socket.on("data", (bytes: Uint8Array) => {
        received += bytes.length;
        if (received === total * block.length) onAll();
      }));
  },
);

test(
  ...needs("openssl", "what a server says behind its handshake is not lost, and its end is told"),
  () =>
    withTls(["DNS:relay.test"], async (port, ca) => {
      const connection = await within(
        runtime.dialTls({ hostname: "127.0.0.1", port }, { serverName: "relay.test", ca }),
        "it connects",
      );
      assert.equal(await take(connection, 100), 5);
    }, (socket) => void socket.end("hello")),
);
