/**
 * Connecting on Bun, which looks names up and tries their addresses itself.
 *
 * @module
 */
import type { Connection, DialOptions, DialTarget } from "../../ports.ts";
import { dial } from "../dial.ts";
import { bun } from "./api.ts";
import { BunConnection } from "./tcp.ts";

/** Connects by TCP. @throws {DialError} */
export function dialTcp(target: DialTarget, options: DialOptions = {}): Promise<Connection> {
  return dial(target, options, () =>
    new Promise((resolve, reject) => {
      bun.connect<BunConnection>({
        hostname: target.hostname,
        port: target.port,
        socket: {
          binaryType: "uint8array",
          // Not when the promise of `connect` resolves: bytes may come before that.
          open(socket) {
            socket.data = new BunConnection(socket);
            resolve(socket.data);
          },
          data: (socket, bytes) => socket.data.onData(bytes),
          drain: (socket) => socket.data.onDrain(),
          close: (socket, error) => socket.data?.onClose(error),
          error: (socket, error) => socket.data?.onClose(error),
          connectError: (_socket, error) => reject(error),
        },
      }).catch(reject);
    }));
}
