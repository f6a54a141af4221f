/**
 * What accepts connections for an HTTP server that speaks TLS.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { HttpTls } from "../../ports.ts";
import { Reception, type ReceptionOptions } from "./reception.ts";
import { SecureServer } from "./secure_server.ts";

/** Who bounds the connections. */
export interface Room {
  /** Whether there is room for one. */
  add(socket: Socket): boolean;
  /** It is counted as another one now. */
  leave(socket: Socket): void;
}

/** Makes what takes sockets, and hands them to `serve` once their TLS handshake is over. */
export function secureListener(
  tls: HttpTls,
  room: Room,
  serve: (socket: Socket) => void,
): { accept(raw: Socket): void; close(): void } {
  const secure = new SecureServer(tls);
  const options: ReceptionOptions = {
    tls: secure,
    plain: tls.plainToo ? "http" : "refuse",
    inside: "http",
    limitMs: tls.handshakeMs,
  };
  const accept = (raw: Socket): void => {
    raw.on("error", () => {});
    if (!room.add(raw)) return void raw.destroy();
    new Reception(raw, options, {
      onRtmp: (socket) => void socket.destroy(),
      onHttp(socket) {
        room.leave(raw);
        serve(socket);
      },
      onGone() {},
    });
  };
  return { accept, close: () => secure.close() };
}
