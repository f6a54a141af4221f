/**
 * A hub whose memory for media is watched, for the tests of what is held and of what is encoded.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type FrameEncoder, MediaMemory, StreamRegistry } from "../../src/hub/mod.ts";
import { CollectingSink, Observer, plainEncoder } from "./support.ts";

export const PATH = { app: "live", name: "a" };

export const INFO = { sessionId: "s", address: "a", client: "", since: 0 };

export function setUp(memory = new MediaMemory()) {
  const registry = new StreamRegistry({
    memory,
    publishPolicy: "replace",
    playWaitMs: 1000,
    reconnectWindowMs: 0,
    maxStreams: 100,
    maxWaits: 100,
    gop: { bytes: 1e6, frames: 1000, ms: 1e6 },
    player: { bytes: 1e6, ms: 1e6, overflows: 0 },
  });
  const play = (encoder: FrameEncoder = varying) => {
    const sink = new CollectingSink();
    const played = registry.play(PATH, encoder, sink, new Observer(), 0);
    assert.ok(typeof played === "object");
    sink.player = played;
    sink.pump();
    return { sink, player: played, stream: registry.get(PATH)! };
  };
  const publish = () => {
    const publisher = registry.publish(PATH, INFO, { onRevoked() {} }, 0);
    assert.ok(typeof publisher === "object");
    return publisher;
  };
  return { memory, registry, play, publish };
}

/** Players of a variant are sent copies in which every message begins with it. */
export const varying: FrameEncoder = {
  ...plainEncoder,
  vary: (bytes, offset, variant) => void (bytes[offset] = variant),
};
