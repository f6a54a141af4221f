/**
 * Who is at the other end of a socket: the client that a balancer has named, or whoever has connected.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { Address } from "../ports.ts";

const named = new WeakMap<Socket, Address>();

/** A balancer has named the client of a socket. */
export function namePeer(socket: Socket, client: Address): void {
  named.set(socket, client);
}

/** What was said of a socket holds for the TLS that is in it. */
export function passPeer(from: Socket, to: Socket): void {
  const client = named.get(from);
  if (client !== undefined) named.set(to, client);
}

/** Who is there. */
export function peerOf(socket: Socket): Address {
  return named.get(socket) ??
    { hostname: socket.remoteAddress ?? "unknown", port: socket.remotePort ?? 0 };
}
