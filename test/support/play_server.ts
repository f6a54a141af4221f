/**
 * A server that answers one player and sends it a recording as fast as it takes it, with codecs of
 * its own.
 *
 * @module
 */
import { createServer, type Socket } from "node:net";
import { once } from "node:events";
import { decodeAmf, encodeAmf } from "./amf0.ts";
import { ChunkReader, joined, writeMessage } from "./chunks.ts";

const PACKET = 1536;

/** Such a server, running. Use it with `await using`. */
export interface PlayServer extends AsyncDisposable {
  readonly port: number;
  /** Messages of the recording that were given to the socket so far. */
  readonly sent: number;
  /** Resolves when the player has taken nothing more for a while. */
  readonly stalled: Promise<void>;
  /** Resolves when all of the recording was given to the socket. */
  readonly all: Promise<void>;
}

/**
 * Starts it; the recording has `count` pictures of `size` bytes. `closes` is whether it closes the
 * connection behind them.
 */
export async function startPlayServer(
  count: number,
  size: number,
  closes = false,
): Promise<PlayServer> {
  let sent = 0;
  const sockets: Socket[] = [];
  const { promise: stalled, resolve: stall } = Promise.withResolvers<void>();

  const { promise: all, resolve: done } = Promise.withResolvers<void>();

  const command = (streamId: number, ...values: Parameters<typeof encodeAmf>) =>
    writeMessage({ type: 20, streamId, timestamp: 0, payload: encodeAmf(...values) }, 3, 128);

  async function play(socket: Socket): Promise<void> {
    const status = (code: string) => command(1, "onStatus", 0, null, { level: "status", code });
    socket.write(status("NetStream.Play.Start"));
    const payload = new Uint8Array(size).fill(0x27);
    for (; sent < count; sent++) {
      const message = { type: 9, streamId: 1, timestamp: sent, payload };
      if (socket.write(writeMessage(message, 6, 128))) continue;
      // Nothing tells that a peer has stopped reading: it is what no longer happens.
      const timer = setTimeout(stall, 300);
      await once(socket, "drain");
      clearTimeout(timer);
    }
    socket.write(status("NetStream.Play.Stop"));
    if (closes) socket.end();
    done();
  }

  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    const reader = new ChunkReader();
    let handshake: Uint8Array | undefined = new Uint8Array(0);
    let answered = false;
    socket.on("data", (bytes: Uint8Array) => {
      if (handshake !== undefined) {
        handshake = joined([handshake, bytes]);
        if (!answered && handshake.length >= 1 + PACKET) {
          answered = true;
          socket.write(joined([Uint8Array.of(3), new Uint8Array(2 * PACKET)]));
        }
        if (handshake.length < 1 + 2 * PACKET) return;
        bytes = handshake.subarray(1 + 2 * PACKET);
        handshake = undefined;
      }
      for (const { type, payload } of reader.read(bytes)) {
        if (type !== 20) continue;
        const [name, id] = decodeAmf(payload) as [string, number];
        if (name === "connect") socket.write(command(0, "_result", id, {}, { level: "status" }));
        if (name === "createStream") socket.write(command(0, "_result", id, null, 1));
        if (name === "play") void play(socket).catch(() => {});
      }
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as { port: number }).port,
    get sent() {
      return sent;
    },
    stalled,
    all,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
