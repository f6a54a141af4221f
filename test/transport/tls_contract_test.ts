/** The contract of `Connection` over TLS, and behind a port that tells by the first bytes. */
import { once } from "node:events";
import type net from "node:net";
import { test } from "node:test";
import tls from "node:tls";
import type { Connection, DoorOptions } from "../../src/ports.ts";
import { loadRuntime } from "../../src/transport/runtime.ts";
import { tlsOptions } from "../support/certificates.ts";
import { type Connect, contractOf, type Listen } from "./connection_contract.ts";

const runtime = await loadRuntime();

function listenAs(options: DoorOptions): Listen {
  return (address, onConnection) =>
    runtime.listenDoor(address, options, {
      onVisitor: () => true,
      onLeft() {},
      onConnection: (connection: Connection) => onConnection(connection),
    });
}

const connectTls = (maxVersion: tls.SecureVersion) =>
async (
  port: number,
  allowHalfOpen: boolean,
): Promise<net.Socket> => {
  const options: tls.ConnectionOptions & { readonly allowHalfOpen: boolean } = {
    host: "127.0.0.1",
    port,
    allowHalfOpen,
    maxVersion,
    rejectUnauthorized: false,
  };
  const socket = tls.connect(options);
  socket.on("error", () => {});
  await once(socket, "secureConnect");
  return socket;
};

const rtmps = tlsOptions();
const ways: [name: string, options: DoorOptions, connect: Connect][] = [
  ["TLS 1.3", { tls: rtmps }, connectTls("TLSv1.3")],
  ["TLS 1.2", { tls: rtmps }, connectTls("TLSv1.2")],
];
for (const [name, options, connect] of ways) {
  for (const [claim, proof] of contractOf(name, listenAs(options), connect)) test(claim, proof);
}
