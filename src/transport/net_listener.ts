/**
 * Listening with `node:net`, and going on with it when the process had run out of file descriptors.
 *
 * @module
 */
import { isIP, type Server } from "node:net";
import type { Address } from "../ports.ts";
import { toListenError } from "./listen_error.ts";

/** A listener that may have failed is replaced this much later (ms), until that works. */
const RELISTEN_MS = 250;

/**
 * Watches file descriptors for a listener at `address`. `renew` replaces it, once there are some again
 * where there were none.
 */
export type WatchDescriptors = (
  address: Address,
  renew: () => void,
) => { check(): void; close(): void };

/** A listener of `node:net`. */
export interface NetListening {
  readonly address: Address;
  /** Looks whether there is a descriptor left; call it with each connection. */
  check(): void;
  close(): void;
}

/** Listens. @throws {ListenError} */
export async function listenNet(
  listener: Server,
  address: Address,
  watch?: WatchDescriptors,
): Promise<NetListening> {
  listener.on("error", () => {});
  let closed = false;
  await listen(listener, address).catch((error) => {
    throw toListenError(error, address);
  });
  const bound = listener.address() as { address: string; port: number };
  const here = { hostname: bound.address, port: bound.port };
  const relisten = async (): Promise<void> => {
    if (listener.listening) listener.close();
    try {
      // By the name that it is permitted by.
      await listen(listener, { hostname: address.hostname, port: here.port });
      if (closed) listener.close();
    } catch {
      retry();
    }
  };
  let retrying = false;
  const retry = (): void => {
    if (retrying) return;
    retrying = true;
    setTimeout(() => {
      retrying = false;
      if (!closed) void relisten();
    }, RELISTEN_MS);
  };
  const descriptors = watch?.(isIP(address.hostname) ? address : here, retry);
  return {
    address: here,
    check: () => descriptors?.check(),
    close() {
      closed = true;
      descriptors?.close();
      if (listener.listening) listener.close();
    },
  };
}

/** Listens. @throws whatever the runtime makes of it that it cannot */
function listen(server: Server, { hostname, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, hostname, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
