/**
 * HTTP on Deno.
 *
 * @module
 */
import type { Address, HttpHandler, HttpServer } from "../../ports.ts";
import { toListenError } from "../listen_error.ts";
import { deno, type DenoHttpServer } from "./api.ts";

/** A server that has failed is started again this much later (ms), until it runs. */
const RESTART_MS = 250;

/** Serves HTTP. @throws {ListenError} */
export function serveHttp(address: Address, handler: HttpHandler): Promise<HttpServer> {
  const stop = new AbortController();
  const serve = (port: number): DenoHttpServer =>
    deno.serve(
      {
        hostname: address.hostname,
        port,
        signal: stop.signal,
        onListen: () => {},
        onError: () => new Response(null, { status: 500 }),
      },
      (request, info) =>
        handler(request, { hostname: info.remoteAddr.hostname, port: info.remoteAddr.port }),
    );
  try {
    const server = serve(address.port);
    const { hostname, port } = server.addr;
    // Deno's server ends, and its port closes, when an `accept` fails, which it does when the process
    // has no file descriptor left.
    const keep = (running: DenoHttpServer): void => {
      running.finished.catch(restart);
    };
    const restart = (): void => {
      deno.unrefTimer(setTimeout(() => {
        if (stop.signal.aborted) return;
        try {
          keep(serve(port));
        } catch {
          restart();
        }
      }, RESTART_MS) as unknown as number);
    };
    keep(server);
    return Promise.resolve({
      address: { hostname, port },
      close() {
        stop.abort();
        return Promise.resolve();
      },
    });
  } catch (error) {
    return Promise.reject(toListenError(error, address));
  }
}
