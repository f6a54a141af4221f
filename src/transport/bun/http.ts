/**
 * HTTP on Bun, whose sockets of `node:http` close up to a second late unless `node:net` accepts them.
 *
 * @module
 */
import { createServer } from "node:net";
import type {
  Address,
  HttpHandler,
  HttpLimits,
  HttpServer,
  HttpTls,
  PlainHandler,
  Proxies,
} from "../../ports.ts";
import { serveHttp as serve } from "../http.ts";

/** Serves HTTP. @throws {ListenError} */
export function serveHttp(
  address: Address,
  handler: HttpHandler,
  limits?: HttpLimits,
  plain?: PlainHandler,
  tls?: HttpTls,
  proxies?: Proxies,
): Promise<HttpServer> {
  return serve(
    address,
    handler,
    limits,
    {
      listener: (http) =>
        createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
          http.emit("connection", socket);
        }),
    },
    plain,
    tls,
    proxies,
  );
}
