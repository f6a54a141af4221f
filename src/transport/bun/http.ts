/**
 * HTTP on Bun.
 *
 * @module
 */
import type { Address, HttpHandler, HttpServer } from "../../ports.ts";
import { toListenError } from "../listen_error.ts";
import { bun } from "./api.ts";

/** What stands for a peer that is gone before its address was asked for; never a loopback peer. */
const UNKNOWN_PEER: Address = { hostname: "unknown", port: 0 };

/** Serves HTTP. @throws {ListenError} */
export function serveHttp(address: Address, handler: HttpHandler): Promise<HttpServer> {
  try {
    const server = bun.serve({
      hostname: address.hostname,
      port: address.port,
      fetch(request, server) {
        const peer = server.requestIP(request);
        return handler(
          request,
          peer === null ? UNKNOWN_PEER : { hostname: peer.address, port: peer.port },
        );
      },
      error: () => new Response(null, { status: 500 }),
    });
    return Promise.resolve({
      address: { hostname: address.hostname, port: server.port ?? address.port },
      close: () => server.stop(true),
    });
  } catch (error) {
    return Promise.reject(toListenError(error, address));
  }
}
