/**
 * The floor of fan-out: canned replies, media of its own, one write to each player per window and
 * nothing else. What a server takes beyond this is its own doing. Runs on Bun, whose bare sockets
 * cost least:
 *
 *     bun run bench/floor.ts PORT WINDOW_MS [KBPS]
 *
 * A window of 0 writes every message by itself. Whatever is published is ignored; every player gets
 * the same stream.
 *
 * @module
 */
import process from "node:process";
import { amfObject, encodeAmf0 } from "../src/core/amf/mod.ts";
import { joined } from "../src/core/bytes/join.ts";
import { encodeMessage } from "../src/core/rtmp/chunk/stateless_encoder.ts";
import { encodeSetChunkSize } from "../src/core/rtmp/message/control.ts";
import { MessageType } from "../src/core/rtmp/message/types.ts";
import { bun, type BunSocket } from "../src/transport/bun/api.ts";
import { now } from "./clock.ts";
import { CHUNK_SIZE, Media } from "./load/media.ts";

const [port, window = 0, kbps = 2500] = process.argv.slice(2).map(Number);
const FPS = 30;
const HELLO = 1537;
const ANSWER = 1536;

/** A message that fits into one chunk. */
function message(type: number, streamId: number, payload: Uint8Array): Uint8Array {
  return encodeMessage(type, streamId, 0, payload, type === MessageType.SetChunkSize ? 2 : 3, 4096);
}

function status(code: string): Uint8Array {
  const info = amfObject({ level: "status", code });
  return message(MessageType.CommandAmf0, 1, encodeAmf0("onStatus", 0, null, info));
}

const S0_S1_S2 = Uint8Array.from({ length: HELLO + ANSWER }, (_, i) => i === 0 ? 3 : 0);
const CONNECTED = joined([
  message(MessageType.SetChunkSize, 0, encodeSetChunkSize(CHUNK_SIZE)),
  message(MessageType.CommandAmf0, 0, encodeAmf0("_result", 1, null, null)),
]);
const CREATED = message(MessageType.CommandAmf0, 0, encodeAmf0("_result", 2, null, 1));

/** How far a connection is. */
interface Peer {
  received: number;
  replies: number;
  /** What the kernel did not take. */
  rest: Uint8Array | undefined;
}

const players = new Set<BunSocket<Peer>>();

function send(socket: BunSocket<Peer>, bytes: Uint8Array): void {
  const count = socket.write(bytes);
  if (count >= 0 && count < bytes.length) socket.data.rest = bytes.slice(count);
}

/** Answers without reading: the order of the questions is always the same. */
function onData(socket: BunSocket<Peer>, bytes: Uint8Array): void {
  const peer = socket.data;
  peer.received += bytes.length;
  if (peer.replies === 0 && peer.received >= HELLO) {
    peer.replies++;
    send(socket, S0_S1_S2);
  } else if (peer.replies === 1 && peer.received > HELLO + ANSWER) {
    peer.replies++;
    send(socket, CONNECTED);
  } else if (peer.replies === 2) {
    peer.replies++;
    send(socket, CREATED);
  } else if (peer.replies === 3) {
    peer.replies++;
    const isPublisher = new TextDecoder("latin1").decode(bytes).includes("publish");
    send(socket, status(isPublisher ? "NetStream.Publish.Start" : "NetStream.Play.Start"));
    if (!isPublisher) players.add(socket);
  }
}

function fanOut(bytes: Uint8Array): void {
  for (const socket of players) {
    // Whoever is behind misses whole messages.
    if (socket.data.rest === undefined) send(socket, bytes);
  }
}

bun.listen<Peer>({
  hostname: "127.0.0.1",
  port: port!,
  socket: {
    binaryType: "uint8array",
    open: (socket) => {
      socket.data = { received: 0, replies: 0, rest: undefined };
      socket.setNoDelay(true);
    },
    data: onData,
    drain: (socket) => {
      const { rest } = socket.data;
      socket.data.rest = undefined;
      if (rest !== undefined) send(socket, rest);
    },
    close: (socket) => void players.delete(socket),
    error: (socket) => void players.delete(socket),
  },
});

const media = new Media({ kbps, fps: FPS, gop: 2 * FPS, apart: false }, 1);
const start = now();
let held: Uint8Array[] = [];
let flushAt = start + window;

function run(): void {
  const time = now();
  while (start + media.nextDue <= time) {
    const { messages } = media.next();
    if (window > 0) held.push(...messages);
    else for (const bytes of messages) fanOut(bytes);
  }
  if (time >= flushAt) {
    flushAt = time + window;
    if (held.length > 0) fanOut(joined(held));
    held = [];
  }
  const next = Math.min(start + media.nextDue, window > 0 ? flushAt : Infinity);
  setTimeout(run, Math.max(0, next - now()));
}
run();
