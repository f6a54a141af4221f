/** Many requests on one connection, where one port has TLS and plain HTTP. */
import assert from "node:assert/strict";
import { connect as connectTcp, type Socket } from "node:net";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { loadRuntime } from "../../src/transport/runtime.ts";
import { tlsOptions } from "../support/certificates.ts";
import { within } from "../support/deadline.ts";

const WAYS = {
  plain: (port: number) => connectTcp(port, "127.0.0.1"),
  TLS: (port: number) => connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false }),
} as const;

for (const [name, connect] of Object.entries(WAYS)) {
  test(`requests follow one another on one connection: ${name}`, async () => {
    const runtime = await loadRuntime();
    const tls = { ...tlsOptions(), plainToo: true };
    const server = await runtime.serveHttp(
      ...[{ hostname: "127.0.0.1", port: 0 }, async (request: Request) => {
        return new Response(`${request.method} ${await request.text()}`);
      }] as const,
      ...[undefined, undefined, tls] as const,
    );
    const socket: Socket = connect(server.address.port);
    try {
      let got = "";
      let wake = () => {};
      socket.on("data", (bytes: Uint8Array) => {
        got += new TextDecoder().decode(bytes);
        wake();
      });
      socket.on("close", () => wake());
      for (const body of ["one", "two", "three"]) {
        socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
        while (!got.includes(`POST ${body}`)) {
          await within(new Promise<void>((resolve) => wake = resolve), body);
          assert.ok(!socket.destroyed, "the connection was closed");
        }
      }
    } finally {
      socket.destroy();
      await server.close();
    }
  });
}
