/**
 * A listener for RTMP in TLS, or for whatever comes.
 *
 * @module
 */
import { createServer, type Socket } from "node:net";
import type { Address, DoorHandler, DoorOptions, Listener, Proxies, Visitor } from "../../ports.ts";
import { NodeHttpServer } from "../http.ts";
import { listenNet, type WatchDescriptors } from "../net_listener.ts";
import { peerOf } from "../peer_of.ts";
import { ProxyReception } from "../proxy_header.ts";
import { Reception, type ReceptionOptions } from "./reception.ts";
import { SecureServer } from "./secure_server.ts";
import { SocketConnection } from "./socket_connection.ts";

/** A socket that is received, as its owner sees it. */
class Caller implements Visitor {
  readonly remote: Address;
  #reception: Pick<Reception, "spoke" | "destroy"> | undefined;

  constructor(socket: Socket) {
    this.remote = peerOf(socket);
  }

  receive(reception: Pick<Reception, "spoke" | "destroy">): void {
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
  { tls, any, proxies }: DoorOptions,
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
  const admit = (socket: Socket): Caller | undefined => {
    const caller = new Caller(socket);
    if (!handler.onVisitor(caller)) return void socket.destroy();
    callers.add(caller);
    return caller;
  };
  const receive = (socket: Socket): void => {
    const caller = admit(socket);
    caller?.receive(
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
  };
  /** A balancer is a visitor of its own, until it has said for whom it comes. */
  const receiveBalancer = (socket: Socket, proxies: Proxies): void => {
    const balancer = admit(socket);
    if (balancer === undefined) return;
    const leave = () => {
      callers.delete(balancer);
      handler.onLeft(balancer);
    };
    balancer.receive(
      new ProxyReception(socket, proxies, () => {
        leave();
        receive(socket);
      }, leave),
    );
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    listening?.check();
    socket.on("error", () => {});
    if (proxies?.has(socket.remoteAddress ?? "")) receiveBalancer(socket, proxies);
    else receive(socket);
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
