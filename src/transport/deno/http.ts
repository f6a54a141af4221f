/**
 * HTTP on Deno.
 *
 * @module
 */
import type { Address, HttpHandler, HttpServer } from "../../ports.ts";
import { toListenError } from "../listen_error.ts";
import { deno } from "./api.ts";

/** Serves HTTP. @throws {ListenError} */
export function serveHttp(address: Address, handler: HttpHandler): Promise<HttpServer> {
  const stop = new AbortController();
  try {
    const server = deno.serve(
      {
        hostname: address.hostname,
        port: address.port,
        signal: stop.signal,
        onListen: () => {},
        onError: () => new Response(null, { status: 500 }),
      },
      (request, info) =>
        handler(request, { hostname: info.remoteAddr.hostname, port: info.remoteAddr.port }),
    );
    return Promise.resolve({
      address: { hostname: server.addr.hostname, port: server.addr.port },
      close() {
        stop.abort();
        return Promise.resolve();
      },
    });
  } catch (error) {
    return Promise.reject(toListenError(error, address));
  }
}
