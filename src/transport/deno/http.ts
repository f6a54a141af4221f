/**
 * HTTP on Deno, whose listeners are deaf once `accept` has failed for want of a file descriptor.
 *
 * @module
 */
import type { Address, HttpHandler, HttpLimits, HttpServer } from "../../ports.ts";
import { serveHttp as serve } from "../http.ts";
import { findHandles } from "./handles.ts";
import { watchDescriptors } from "./tcp_handle.ts";

/** Serves HTTP. @throws {ListenError} */
export function serveHttp(
  address: Address,
  handler: HttpHandler,
  limits?: HttpLimits,
): Promise<HttpServer> {
  return serve(address, handler, limits, {
    watch(at, renew) {
      const handles = findHandles();
      try {
        if (handles !== undefined) return watchDescriptors(handles, at, () => {}, renew);
      } catch {
        // Permitted by another name, as of `localhost`: the listener for RTMP watches.
      }
      return { check() {}, close() {} };
    },
  });
}
