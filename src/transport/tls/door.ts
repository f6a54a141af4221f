/**
 * A listener for RTMP in TLS, or for whatever comes.
 *
 * @module
 */
import { createServer, type Socket } from "node:net";
import type { Address, DoorHandler, DoorOptions, Listener, Visitor } from "../../ports.ts";
import { NodeHttpServer } from "../http.ts";
import { listenNet, type WatchDescriptors } from "../net_listener.ts";
import { Reception, type ReceptionOptions } from "./reception.ts";
import { SecureServer } from "./secure_server.ts";
import { SocketConnection } from "./socket_connection.ts";

/** A socket that is received, as its owner sees it. */
class Caller implements Visitor {
  readonly remote: Address;
  #reception: Reception | undefined;

  constructor({ remoteAddress, remotePort }: Socket) {
    this.remote = { hostname: remoteAddress ?? "unknown", port: remotePort ?? 0 };
  }

  receive(reception: Reception): void {
    this.#reception = reception;
  }

  get spoke(): boolean {
    return this.#reception?.spoke === true;
  }

  destroy(): void {
    this.#reception?.destroy();
  }
}

/** Listens. @throws {ListenError} */
export async function listenDoor(
  address: Address,
  { tls, any }: DoorOptions,
  handler: DoorHandler,
  watch?: WatchDescriptors,
): Promise<Listener> {
  const secure = tls && new SecureServer(tls);
  const options: ReceptionOptions = {
    tls: secure,
    plain: any === undefined ? "refuse" : "tell",
    inside: any === undefined ? "rtmp" : "tell",
    limitMs: tls?.handshakeMs ?? any?.firstMs ?? 0,
  };
  const callers = new Set<Caller>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    listening?.check();
    const caller = new Caller(socket);
    socket.on("error", () => {});
    if (!handler.onVisitor(caller)) return void socket.destroy();
    callers.add(caller);
    caller.receive(
      new Reception(socket, options, {
        onRtmp(socket, secure) {
          callers.delete(caller);
          handler.onConnection(new SocketConnection(socket), caller, secure);
        },
        onHttp(socket) {
          callers.delete(caller);
          handler.onLeft(caller);
          const http = any?.http();
          if (http instanceof NodeHttpServer) http.accept(socket);
          else socket.destroy();
        },
        onGone() {
          callers.delete(caller);
          handler.onLeft(caller);
        },
      }),
    );
  });
  let listening: Awaited<ReturnType<typeof listenNet>> | undefined;
  try {
    listening = await listenNet(server, address, watch);
  } catch (error) {
    secure?.close();
    throw error;
  }
  return {
    address: { hostname: address.hostname, port: listening.address.port },
    close() {
      listening?.close();
      for (const caller of [...callers]) caller.destroy();
      secure?.close();
    },
  };
}
