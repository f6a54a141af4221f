/**
 * Bad peers: each opens a connection and does one thing that no client should.
 *
 * @module
 */
import { connect, type Socket } from "node:net";
import { writeMessage } from "../support/chunks.ts";
import { encodeAmf } from "../support/amf0.ts";

/** A source of numbers from 0 to 1. */
export type Random = () => number;

/** The same numbers from the same seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const HANDSHAKE = 1536;

function noise(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random() * 256);
}

/** C0, C1 and C2, without looking at what the server says. */
function blindHandshake(random: Random): Uint8Array {
  const bytes = noise(random, 1 + 2 * HANDSHAKE);
  bytes[0] = 3;
  bytes.fill(0, 1, 9);
  return bytes;
}

function connectCommand(): Uint8Array {
  const payload = encodeAmf("connect", 1, { app: "live", tcUrl: "rtmp://127.0.0.1/live" });
  return writeMessage({ type: 20, streamId: 0, timestamp: 0, payload }, 3, 128);
}

/** A message of 16 MiB is announced, 128 bytes of it come. */
function lie(chunkStreamId: number): Uint8Array {
  const bytes = new Uint8Array(12 + 128);
  bytes.set([chunkStreamId, 0, 0, 0, 0xff, 0xff, 0xff, 9]);
  return bytes;
}

/** What bad peers do, by name. */
export const FAULTS: Readonly<Record<string, (socket: Socket, random: Random) => void>> = {
  "sends nothing": () => {},
  "stops in the handshake": (socket, random) =>
    void socket.write(noise(random, 1000).fill(3, 0, 1)),
  "sends noise": (socket, random) => void socket.write(noise(random, 4096)),
  "speaks HTTP": (socket) => void socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
  "sends noise behind the handshake": (socket, random) => {
    socket.write(blindHandshake(random));
    socket.write(noise(random, 8192));
  },
  "announces more than it sends": (socket, random) => {
    socket.write(blindHandshake(random));
    for (let id = 3; id < 60; id++) socket.write(lie(id));
  },
  "resets in the middle of a command": (socket, random) => {
    socket.write(blindHandshake(random));
    socket.write(connectCommand().subarray(0, 40), () => socket.resetAndDestroy());
  },
  "connects and goes silent": (socket, random) => {
    socket.write(blindHandshake(random));
    socket.write(connectCommand());
  },
};

/** Opens a connection that misbehaves in one of the ways above. */
export function badPeer(port: number, random: Random): Socket {
  const kinds = Object.values(FAULTS);
  const misbehave = kinds[Math.floor(random() * kinds.length)]!;
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => {}); // `close` follows.
  socket.on("connect", () => misbehave(socket, random));
  socket.resume();
  return socket;
}
