/**
 * HTTP on Deno, whose listeners are deaf once `accept` has failed for want of a file descriptor.
 *
 * @module
 */
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
import { watchFor } from "./watch.ts";

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
      watch: watchFor(() => {}),
    },
    plain,
    tls,
    proxies,
  );
}
