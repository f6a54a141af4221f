/**
 * A stream whose publisher sends messages of several tracks, for the tests of what comes of them.
 *
 * @module
 */
import fc from "fast-check";
import {
  type FrameEncoder,
  FrameKind,
  type MediaFrame,
  StreamRegistry,
} from "../../src/hub/mod.ts";
import { hex, toHex } from "../core/amf/hex.ts";
import { CollectingSink, Observer } from "./support.ts";

export const PATH = { app: "live", name: "demo" };

export const INFO = { sessionId: "s", address: "127.0.0.1:1", client: "test", since: 0 };

export const line = ({ kind, payload }: MediaFrame) =>
  `${kind === FrameKind.Video ? "v" : "a"}${toHex(payload)}\n`;

/** Encodes a frame as a line of text: its kind and its bytes. */
export const lines: FrameEncoder = {
  key: "lines",
  accepts: () => true,
  flags: ({ flags }) => flags,
  size: (frame) => line(frame).length,
  encode: (frame, target, offset) => void target.set(new TextEncoder().encode(line(frame)), offset),
};

/** A stream with a publisher, who sends messages given as `v` or `a` and hex digits. */
export function publish(limits: { playerBytes?: number; gop?: number } = {}) {
  const { playerBytes = 1e7, gop = 1e7 } = limits;
  const registry = new StreamRegistry({
    publishPolicy: "replace",
    playWaitMs: 1000,
    reconnectWindowMs: 0,
    maxStreams: 100,
    maxWaits: 100,
    gop: { bytes: gop, frames: 1000, ms: 1e9 },
    player: { bytes: playerBytes, ms: 1e9, overflows: 0 },
  });
  const publisher = registry.publish(PATH, INFO, { onRevoked: () => {} }, 0);
  if (typeof publisher === "string") throw new Error(publisher);
  const { stream } = publisher;
  let time = 0;
  const send = (...messages: string[]) => {
    for (const message of messages) {
      const kind = message[0] === "v" ? FrameKind.Video : FrameKind.Audio;
      publisher.push(kind, time += 10, hex(message.slice(1)), time);
      stream.flush(time);
    }
  };
  const play = () => {
    const sink = new CollectingSink();
    const result = registry.play(PATH, lines, sink, new Observer(), time);
    if (typeof result === "string") throw new Error(result);
    sink.player = result;
    sink.pump();
    return sink;
  };
  /** What somebody is sent who joins now. */
  const late = () => {
    const sink = play();
    sink.player!.leave();
    return took(sink);
  };
  return { registry, stream, send, play, late };
}

/** The messages a sink received since the last call. */
export const took = (sink: CollectingSink) => sink.take().split("\n").slice(0, -1);

/** Messages of Enhanced RTMP, whole, changed and cut. */
export const messages = fc.tuple(
  fc.constantFrom(FrameKind.Video, FrameKind.Audio),
  fc.constantFrom("", "02 000001 0", "00 ee 1"),
  fc.constantFrom(0, 1, 2, 3, 4, 5, 8),
  fc.nat(5),
  fc.constantFrom(0x80, 0x90, 0xa0, 0xb0, 0xd0),
  fc.nat(40),
  fc.uint8Array({ maxLength: 30 }),
).map(([kind, modEx, packetType, form, first, id, body]) => {
  const multitrack = kind === FrameKind.Video ? 6 : 5;
  const head = kind === FrameKind.Video ? first : 0x90;
  const outer = form === 0 ? packetType : multitrack;
  const start = modEx === "" ? [head | outer] : [head | 7, ...hex(modEx + outer.toString(16))];
  const tracks = form === 0 ? [] : [(form - 1) << 4 | packetType];
  return { kind, payload: Uint8Array.of(...start, ...tracks, ...hex("68766331"), id, ...body) };
});
