/**
 * UDP by node:dgram, which Deno has without flags.
 *
 * @module
 */
import { createSocket } from "node:dgram";
import type { Address, DatagramHandler, DatagramSocket } from "../ports.ts";
import { toListenError } from "./listen_error.ts";

/** Addresses are looked up for each datagram, unless they are addresses already. */
const asTheyAre = (
  hostname: string,
  _options: unknown,
  found: (error: null, address: string, family: number) => void,
) => found(null, hostname, hostname.includes(":") ? 6 : 4);

/** What does not fit in, or has no way, is lost. */
const nobody = () => {};

/** Takes datagrams. @throws {ListenError} */
export function listenUdp(address: Address, onDatagram: DatagramHandler): Promise<DatagramSocket> {
  const { hostname, port } = address;
  // No larger buffer is asked for: on Deno each datagram would cost in proportion to it.
  const isAddress = /^[\d.]+$/.test(hostname) || hostname.includes(":");
  const socket = createSocket({
    type: hostname.includes(":") ? "udp6" : "udp4",
    ...(isAddress && { lookup: asTheyAre as never }),
  });
  return new Promise((resolve, reject) => {
    socket.once("error", (error) => {
      socket.close();
      reject(toListenError(error, address));
    });
    socket.bind(port, hostname, () => {
      socket.removeAllListeners("error");
      // Of a datagram that nobody took, for instance.
      socket.on("error", nobody);
      socket.on("message", (bytes, { address: hostname, port }) => {
        onDatagram(bytes, { hostname, port });
      });
      const bound = socket.address();
      resolve({
        address: { hostname: bound.address, port: bound.port },
        send(datagram, to) {
          try {
            socket.send(datagram, 0, datagram.length, to.port, to.hostname, nobody);
          } catch {
            // The socket is closed, or there is no such port.
          }
        },
        close() {
          try {
            socket.close();
          } catch {
            // It was.
          }
        },
      });
    });
  });
}
