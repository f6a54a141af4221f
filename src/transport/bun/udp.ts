/**
 * UDP on Bun, by its own socket.
 *
 * @module
 */
import type { Address, DatagramHandler, DatagramSocket } from "../../ports.ts";
import { toListenError } from "../listen_error.ts";
import { bun } from "./api.ts";

/** Takes datagrams. @throws {ListenError} */
export async function listenUdp(
  address: Address,
  onDatagram: DatagramHandler,
): Promise<DatagramSocket> {
  try {
    const socket = await bun.udpSocket({
      ...address,
      socket: {
        binaryType: "uint8array",
        data: (_socket, bytes, port, hostname) => onDatagram(bytes, { hostname, port }),
        error: () => {},
      },
    });
    return {
      address: { hostname: socket.hostname, port: socket.port },
      send(datagram, { hostname, port }) {
        try {
          // What the kernel has no room for is lost.
          socket.send(datagram, port, hostname);
        } catch {
          // It is closed, or there is no way to that address.
        }
      },
      close: () => socket.close(),
    };
  } catch (error) {
    throw toListenError(error, address);
  }
}
