/**
 * HTTP on Deno, whose listeners are deaf once `accept` has failed for want of a file descriptor.
 *
 * @module
 */
import type { Address, HttpHandler, HttpLimits, HttpServer, PlainHandler } from "../../ports.ts";
import { serveHttp as serve } from "../http.ts";
import { deno } from "./api.ts";
import { findHandles } from "./handles.ts";
import { watchDescriptors } from "./tcp_handle.ts";

/** Serves HTTP. @throws {ListenError} */
export function serveHttp(
  address: Address,
  handler: HttpHandler,
  limits?: HttpLimits,
  plain?: PlainHandler,
): Promise<HttpServer> {
  return serve(address, handler, limits, {
    watch(at, renew) {
      const handles = findHandles();
      // Permitted by another name, as of `localhost`, it is not: the listener for RTMP watches. To
      // try would ask whoever sits at the terminal.
      if (handles !== undefined && mayUse(at)) {
        try {
          return watchDescriptors(handles, at, () => {}, renew);
        } catch {
          // Nor is it by some other reason.
        }
      }
      return { check() {}, close() {} };
    },
  }, plain);
}

/** Whether this address may be used without asking anybody. */
function mayUse({ hostname, port }: Address): boolean {
  const host = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  return deno.permissions.querySync({ name: "net", host }).state === "granted";
}
