/** Ports that speak TLS, and those for all: certificates, who is refused, deadlines. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import net from "node:net";
import { test } from "node:test";
import tls from "node:tls";
import type { DoorOptions, TlsOptions, Visitor } from "../../src/ports.ts";
import { loadRuntime } from "../../src/transport/runtime.ts";
import { CertificateFolder, pairFor, TestSource, tlsOptions } from "../support/certificates.ts";
import { within } from "../support/deadline.ts";
import { needs } from "../support/programs.ts";

const runtime = await loadRuntime();

/** A port, and what became of those who came. */
class Door implements Disposable {
  /** What came to be connections, in order. */
  readonly came: ("plain" | "secure")[] = [];
  visitors = 0;
  left = 0;
  readonly here = new Set<Visitor>();
  #close = () => {};
  #wake: (() => void)[] = [];
  port = 0;

  static async open(options: DoorOptions, room = Infinity): Promise<Door> {
    const door = new Door();
    const listener = await runtime.listenDoor({ hostname: "127.0.0.1", port: 0 }, options, {
      onVisitor(visitor) {
        door.visitors++;
        door.here.add(visitor);
        return door.here.size <= room;
      },
      onLeft(visitor) {
        door.left++;
        door.here.delete(visitor);
        door.#tell();
      },
      onConnection(connection, visitor, secure) {
        door.here.delete(visitor);
        door.came.push(secure ? "secure" : "plain");
        connection.start({
          onData: (bytes) => void connection.write(bytes.slice()),
          onWritable() {},
          onClose() {},
        });
        door.#tell();
      },
    });
    door.#close = () => listener.close();
    door.port = listener.address.port;
    return door;
  }

  #tell(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  async until(condition: () => boolean): Promise<void> {
    const wait = async () => {
      while (!condition()) await new Promise<void>((resolve) => this.#wake.push(resolve));
    };
    await within(wait(), "the door has seen it", 10_000);
  }

  [Symbol.dispose](): void {
    this.#close();
  }
}

/** Shakes hands, and gets back what it says. @returns the name in the certificate of the server */
async function echo(port: number, options: tls.ConnectionOptions = {}): Promise<string> {
  const socket = tls.connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...options });
  try {
    const said = new Promise<string>((resolve, reject) => {
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("closed")));
      socket.on("data", (bytes: Uint8Array) => resolve(new TextDecoder().decode(bytes)));
      socket.on("secureConnect", () => socket.write("\x03hello"));
    });
    assert.equal(await within(said, "an answer", 10_000), "\x03hello");
    return String(socket.getPeerCertificate().subject.CN);
  } finally {
    socket.destroy();
  }
}

/** A plain connection that says something; resolves when it is closed. */
async function closedAfter(port: number, says: Uint8Array | string): Promise<void> {
  const socket = net.connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.resume();
  await once(socket, "connect");
  if (says.length > 0) socket.write(says);
  await within(new Promise((resolve) => socket.on("close", resolve)), "it is closed", 10_000);
}

const rtmps = (options?: Partial<TlsOptions>): DoorOptions => ({ tls: tlsOptions(options) });

test("who asks for a name gets its certificate, and else the first one", async () => {
  const pairs = [pairFor("first.example"), pairFor("a.example"), pairFor("*.b.example")];
  using door = await Door.open({ tls: tlsOptions({ material: { pairs } }) });
  assert.equal(await echo(door.port), "first.example");
  assert.equal(await echo(door.port, { servername: "a.example" }), "a.example");
  assert.equal(await echo(door.port, { servername: "A.Example" }), "a.example");
  assert.equal(await echo(door.port, { servername: "x.b.example" }), "*.b.example");
  assert.equal(await echo(door.port, { servername: "x.y.b.example" }), "first.example");
  assert.equal(await echo(door.port, { servername: "other.example" }), "first.example");
});

test("new certificates are for new connections, and the old ones go on", async () => {
  const source = new TestSource({ pairs: [pairFor("old.example")] });
  using door = await Door.open({ tls: tlsOptions({ source }) });
  const old = tls.connect({ host: "127.0.0.1", port: door.port, rejectUnauthorized: false });
  old.on("error", () => {});
  await once(old, "secureConnect");
  source.renew({ pairs: [pairFor("new.example")] });
  assert.equal(await echo(door.port), "new.example");
  assert.equal(await echo(door.port, { servername: "new.example" }), "new.example");
  const answer = once(old, "data");
  old.write("\x03still here");
  assert.equal(new TextDecoder().decode((await answer)[0]), "\x03still here");
  old.destroy();
});

test("each version is spoken that is within the bounds, and no other", async () => {
  using old = await Door.open(rtmps({ maxVersion: "1.2" }));
  using newer = await Door.open(rtmps({ minVersion: "1.3" }));
  for (
    const [door, right, wrong] of [[old, "TLSv1.2", "TLSv1.3"], [
      newer,
      "TLSv1.3",
      "TLSv1.2",
    ]] as const
  ) {
    await echo(door.port, { minVersion: right, maxVersion: right });
    await assert.rejects(echo(door.port, { minVersion: wrong, maxVersion: wrong }));
  }
  assert.deepEqual([old.came, newer.came], [["secure"], ["secure"]]);
  await old.until(() => old.here.size === 0);
  await newer.until(() => newer.here.size === 0);
});

test(
  ...needs(
    "openssl",
    "where certificates of clients are asked for, only those that fit are let in",
  ),
  async () => {
    using folder = new CertificateFolder();
    const at = (name: string) => `${folder.path}/${name}`;
    const openssl = (command: string) =>
      void execFileSync("sh", ["-c", command], { cwd: folder.path, stdio: "ignore" });
    // Deno takes those of version 3 only, which they are once they say anything more.
    folder.write("version3", "basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth\n");
    const key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    for (const ca of ["ca", "other"]) {
      openssl(`openssl req -x509 ${key} -keyout ${ca}.key -out ${ca}.crt -days 9 -subj /CN=${ca}`);
      openssl(`openssl req ${key} -keyout by_${ca}.key -out by_${ca}.csr -subj /CN=encoder`);
      openssl(
        `openssl x509 -req -in by_${ca}.csr -CA ${ca}.crt -CAkey ${ca}.key -CAcreateserial` +
          ` -out by_${ca}.crt -days 9 -extfile version3`,
      );
    }
    const read = (name: string) => readFileSync(at(name), "utf8");
    const pairs = [pairFor("first.example"), pairFor("second.example")];
    using door = await Door.open({
      tls: tlsOptions({ material: { pairs, clientCa: read("ca.crt") } }),
    });
    const as = (name: string) => ({ cert: read(`${name}.crt`), key: read(`${name}.key`) });
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      for (const servername of ["first.example", "second.example"]) {
        await echo(door.port, { ...as("by_ca"), maxVersion, servername });
        await assert.rejects(echo(door.port, { ...as("by_other"), maxVersion, servername }));
        await assert.rejects(echo(door.port, { maxVersion, servername }));
      }
    }
    assert.equal(door.came.length, 4);
    await door.until(() => door.here.size === 0);
  },
);

test("what is no TLS is closed at once at a port for TLS, and garbage in a handshake too", async () => {
  using door = await Door.open(rtmps({ handshakeMs: 600_000 }));
  await closedAfter(door.port, Uint8Array.of(3, ...new Uint8Array(1536)));
  await closedAfter(door.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await closedAfter(door.port, Uint8Array.of(0x16, 3, 1, 0, 5, 99, 99, 99, 99, 99));
  await door.until(() => door.left === 3);
  assert.deepEqual(door.came, []);
  await echo(door.port);
});

test("who is silent, and who stops in its handshake, is closed when its time is over", async () => {
  using door = await Door.open(rtmps({ handshakeMs: 200 }));
  await closedAfter(door.port, "");
  await closedAfter(door.port, Uint8Array.of(0x16, 3, 1));
  assert.equal(door.left, 2);
  using all = await Door.open({ any: { http: () => undefined, firstMs: 200 } });
  await closedAfter(all.port, "");
  assert.equal(all.left, 1);
});

test("who finds no room is closed, and nobody hears of it again", async () => {
  using door = await Door.open(rtmps(), 0);
  await closedAfter(door.port, "");
  assert.deepEqual([door.visitors, door.left], [1, 0]);
});

test("a visitor says whether it has spoken, and may be closed at any time", async () => {
  using door = await Door.open(rtmps({ handshakeMs: 600_000 }));
  const closed = closedAfter(door.port, Uint8Array.of(0x16));
  const wait = async () => {
    while (![...door.here].some(({ spoke }) => spoke)) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  await within(wait(), "it has spoken", 10_000);
  for (const visitor of [...door.here]) visitor.destroy();
  await closed;
  assert.equal(door.left, 1);
});

test("one port tells RTMP, TLS and HTTP apart, also in TLS", async () => {
  const http = await runtime.serveHttp(
    { hostname: "127.0.0.1", port: 0 },
    ({ url }) => new Response(new URL(url).protocol),
  );
  const options = { tls: tlsOptions(), any: { http: () => http, firstMs: 5000 } };
  using door = await Door.open(options);
  const plain = net.connect(door.port, "127.0.0.1");
  plain.write("\x03hello");
  assert.equal(new TextDecoder().decode((await once(plain, "data"))[0]), "\x03hello");
  plain.destroy();
  await echo(door.port);
  assert.deepEqual(door.came, ["plain", "secure"]);
  const request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  const asked = async (socket: net.Socket) => {
    let said = "";
    socket.on("error", () => {});
    socket.on("data", (bytes: Uint8Array) => said += new TextDecoder().decode(bytes));
    socket.write(request);
    await within(new Promise((resolve) => socket.on("close", resolve)), "an answer", 10_000);
    return said.split("\r\n\r\n")[1];
  };
  assert.match(await asked(net.connect(door.port, "127.0.0.1")) ?? "", /http:/);
  const secure = tls.connect({ host: "127.0.0.1", port: door.port, rejectUnauthorized: false });
  await once(secure, "secureConnect");
  assert.match(await asked(secure) ?? "", /https:/);
  assert.equal(door.left, 2, "those of HTTP are no visitors any more");
  await http.close();
});

test("a peer that is not listened to is read no further, in TLS too", async () => {
  let read = 0;
  const listener = await runtime.listenDoor({ hostname: "127.0.0.1", port: 0 }, rtmps(), {
    onVisitor: () => true,
    onLeft() {},
    onConnection(connection) {
      connection.start({
        onData(bytes) {
          read += bytes.length;
          connection.pause();
        },
        onWritable() {},
        onClose() {},
      });
    },
  });
  const socket = tls.connect({
    host: "127.0.0.1",
    port: listener.address.port,
    rejectUnauthorized: false,
  });
  socket.on("error", () => {});
  await once(socket, "secureConnect");
  let taken = 0;
  const block = new Uint8Array(256 * 1024);
  const write = () =>
    void socket.write(block, () => {
      taken += block.length;
      if (taken < 64 * 1024 * 1024) write();
    });
  write();
  // As long as anything moves, it has a reason to.
  for (let last = -1; last !== taken;) {
    last = taken;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  assert.ok(read < 1024 * 1024, `${read} bytes were handed on`);
  assert.ok(taken < 32 * 1024 * 1024, `${taken} bytes were taken from the peer`);
  socket.destroy();
  listener.close();
});
