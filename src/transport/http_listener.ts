/**
 * What accepts connections for an HTTP server, where that is not the server itself: in front of TLS, or
 * where balancers say first who is there.
 *
 * @module
 */
import { createServer, type Server, type Socket } from "node:net";
import type { Proxies } from "../ports.ts";
import { ProxyReception } from "./proxy_header.ts";
import type { Room } from "./tls/secure_listener.ts";

/** Makes a listener that hands sockets to `accept`, those of balancers once it is known who is there. */
export function httpListener(
  accept: (socket: Socket) => void,
  room: Room,
  proxies: Proxies | undefined,
): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    if (!proxies?.has(socket.remoteAddress ?? "")) return accept(socket);
    socket.on("error", () => {});
    if (!room.add(socket)) return void socket.destroy();
    new ProxyReception(socket, proxies, () => {
      room.leave(socket);
      accept(socket);
    }, () => {});
  });
}
