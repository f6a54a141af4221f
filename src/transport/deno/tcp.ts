/**
 * TCP on Deno: picks the cheapest way this Deno offers.
 *
 * @module
 */
import type { Address, Connection, Listener } from "../../ports.ts";
import { findHandles } from "./handles.ts";
import { listenConn } from "./tcp_conn.ts";
import { listenHandle } from "./tcp_handle.ts";

const IP_ADDRESS = /^(?:[\d.]+|[\da-f:.]*:[\da-f:.]*)$/i;

/** Listens for TCP connections. @throws {ListenError} */
export function listenTcp(
  address: Address,
  onConnection: (connection: Connection) => void,
  onExhausted: () => void = () => {},
): Promise<Listener> {
  const handles = IP_ADDRESS.test(address.hostname) ? findHandles() : undefined;
  if (handles !== undefined) {
    try {
      return Promise.resolve(listenHandle(handles, address, onConnection, onExhausted));
    } catch {
      // Whatever it is, the public API meets it too, and tells it better.
    }
  }
  return listenConn(address, onConnection, onExhausted);
}
