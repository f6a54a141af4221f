/**
 * Watches file descriptors for listeners of `node:net` on Deno, which are deaf once `accept` has failed
 * for want of one.
 *
 * @module
 */
import type { Address } from "../../ports.ts";
import type { WatchDescriptors } from "../net_listener.ts";
import { deno } from "./api.ts";
import { findHandles } from "./handles.ts";
import { watchDescriptors } from "./tcp_handle.ts";

/** What watches them; `onExhausted` is told that there are none. */
export function watchFor(onExhausted: () => void): WatchDescriptors {
  return (at, renew) => {
    const handles = findHandles();
    // Permitted by another name, as of `localhost`, it is not: the listener for RTMP watches. To
    // try would ask whoever sits at the terminal.
    if (handles !== undefined && mayUse(at)) {
      try {
        return watchDescriptors(handles, at, { onExhausted, renew });
      } catch {
        // Nor is it by some other reason.
      }
    }
    return { check() {}, close() {} };
  };
}

/** Whether this address may be used without asking anybody. */
function mayUse({ hostname, port }: Address): boolean {
  const host = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  return deno.permissions.querySync({ name: "net", host }).state === "granted";
}
