/**
 * A hub with a clock that stands still, and somebody who is told of its streams.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  Hub,
  type HubObserver,
  type Player,
  type RegistryOptions,
  type Wanted,
} from "../../src/hub/mod.ts";
import { FakeClock } from "../support/clock.ts";
import { CollectingSink, Observer, plainEncoder } from "./support.ts";

export const INFO = { sessionId: "s", address: "127.0.0.1:1", client: "test", since: 0 };
export const PATH = { app: "live", name: "one" };

export function setUp(observer: HubObserver = {}, more: Partial<RegistryOptions> = {}) {
  const clock = new FakeClock();
  const faults: unknown[] = [];
  const hub = new Hub({
    clock,
    streams: {
      publishPolicy: "replace",
      playWaitMs: 1000,
      reconnectWindowMs: 3000,
      maxStreams: 100,
      maxWaits: 100,
      gop: { bytes: 1e6, frames: 100, ms: 10_000 },
      player: { bytes: 1e6, ms: 5000, overflows: 3 },
      ...more,
    },
    pacing: { latency: "lowest", appLatency: new Map(), autoWindowMs: 25 },
    onFault: (error) => faults.push(error),
  });
  const told: string[] = [];
  const stop = hub.observe({
    onLive: ({ name }) => told.push(`live ${name}`),
    onEnded: ({ name }, reason) => told.push(`ended ${name} ${reason}`),
  });
  hub.observe(observer);
  hub.start();
  const publish = (path = PATH) => {
    const publisher = hub.registry.publish(path, INFO, { onRevoked() {} }, clock.now());
    assert.ok(typeof publisher === "object", `${publisher}`);
    return publisher;
  };
  const play = (path = PATH) => {
    const sink = new CollectingSink();
    const watcher = new Observer();
    const player = hub.registry.play(path, plainEncoder, sink, watcher, clock.now());
    if (typeof player === "object") sink.player = player;
    return { player, sink, watcher };
  };
  const leave = (player: Player | string) => hub.registry.stopPlaying(player as Player);
  return { clock, hub, faults, told, stop, publish, play, leave };
}

/** An observer that has everybody wait, and what it was asked. */
export function bringer() {
  const asked: Wanted[] = [];
  const over: string[] = [];
  const answers: ((now: number) => void)[] = [];
  const observer: HubObserver = {
    onWanted(wanted) {
      asked.push(wanted);
      answers.push(wanted.hold(() => over.push(wanted.path.name)));
    },
  };
  return { asked, over, answers, observer };
}
