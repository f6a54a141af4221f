import assert from "node:assert/strict";
import { test } from "node:test";
import { resetSync } from "@logtape/logtape";
import type { HealthView } from "../../src/http/mod.ts";
import { configureLogging } from "../../src/log/log.ts";
import type { Faults } from "../../src/faults.ts";
import { until } from "../support/deadline.ts";
import { figure } from "../support/figure.ts";
import { keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { publishGop, Rig, type RigClient } from "../support/rtmp_service.ts";
import { RtmpClient, Type } from "../support/rtmp_client.ts";
import { startServer } from "../support/server.ts";

function boom(): never {
  throw new RangeError("key=hunter2");
}

/** One application is paced, whose streams are sent later than they come. */
const SLOW = { latency: "lowest", appLatency: new Map([["slow", 50]]), autoWindowMs: 25 } as const;

/** A rig with one stream that is played, which has to go on whatever else fails. */
function rigWithStream() {
  const rig = new Rig({ playWaitMs: 2000, pacing: SLOW });
  const publisher = rig.publisher("good");
  const player = rig.player("good");
  player.take();
  let time = 0;
  const faults: Faults = publisher.session.context.faults;
  return {
    rig,
    faults: () => faults.list().map(({ subsystem, count }) => `${subsystem} ${count}`),
    /** Whether media still gets through. */
    flows() {
      player.media();
      publishGop(publisher, time += 1000);
      return player.media().length > 0;
    },
  };
}

/** What is broken, where it counts, and what must have become of the one it concerns. */
const BROKEN: Readonly<Record<string, [subsystem: string, (rig: Rig) => RigClient | void]>> = {
  "reading a session's bytes": ["session", (rig) => {
    const client = rig.client().connected();
    client.session.core.receive = boom;
    client.publish(1, "x");
    return client;
  }],
  "writing to a session": ["session", (rig) => {
    const client = rig.client().connected();
    client.connection.write = boom;
    client.command(0, "createStream", 9, null);
    return client;
  }],
  "writing media to a player": ["session", (rig) => {
    const client = rig.player("good");
    client.connection.write = boom;
    return client;
  }],
  "the end of a session": ["session", (rig) => {
    const client = rig.client().connected();
    client.session.core.close = boom;
    client.connection.hangUp();
    return client;
  }],
  "taking a connection": ["tick", (rig) => {
    const start = RigStart.prototype.start;
    RigStart.prototype.start = boom;
    try {
      rig.service.accept(new RigStart());
    } finally {
      RigStart.prototype.start = start;
    }
  }],
  "the tick of the hub": ["tick", (rig) => {
    const { tick } = rig.registry;
    rig.registry.tick = boom;
    rig.clock.advance(1000);
    rig.registry.tick = tick;
  }],
  "the tick of one stream": ["tick", (rig) => {
    rig.publisher("bad");
    const stream = rig.registry.get({ app: "live", name: "bad" })!;
    const { watch } = stream;
    stream.watch = boom;
    const waits = rig.player("nobody"); // Its stream comes behind the bad one.
    rig.clock.advance(rig.settings.playWaitMs + 1000);
    assert.ok(waits.codes().includes("NetStream.Play.StreamNotFound"));
    stream.watch = watch;
  }],
  "sending a stream when its window is over": ["tick", (rig) => {
    rig.player("good");
    const { pacer } = rig.hub;
    const stream = {
      app: "slow",
      playerCount: 1,
      hasVideo: false,
      pictures: 0,
      keyAt: undefined,
      flush: () => {},
    };
    pacer.pushed(stream, rig.clock.now());
    stream.flush = boom;
    pacer.pushed(stream, rig.clock.now());
    rig.clock.advance(100);
  }],
  "the deadlines of a session": ["session", (rig) => {
    const client = rig.client().connected();
    client.session.deadlines.tick = boom;
    rig.clock.advance(250);
    return client;
  }],
};

/** A connection that a test may break. */
class RigStart {
  readonly remote = { hostname: "192.0.2.9", port: 1 };
  readonly local = this.remote;
  readonly bytesWritten = 0;
  destroyed = false;
  start(): void {}
  write = (): boolean => true;
  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {
    this.destroyed = true;
  }
}

for (const [what, [subsystem, act]] of Object.entries(BROKEN)) {
  test(`H6: a fault in ${what} is contained and counted, and streams go on`, async () => {
    const { rig, faults, flows } = rigWithStream();
    assert.ok(flows());
    assert.deepEqual(faults(), []);
    const client = act(rig);
    assert.ok(flows());
    await new Promise((resolve) => setTimeout(resolve, 0));
    rig.clock.advance(1000);
    const counted = faults();
    assert.equal(counted.length, 1, counted.join());
    assert.ok(counted[0]!.startsWith(`${subsystem} `), counted[0]);
    if (client !== undefined) assert.ok(client.connection.closed, "its session pays for it");
    assert.ok(flows());
    const late = rig.publisher("later");
    assert.ok(late.session.publicApp === "live", "new clients are taken");
  });
}

test("H6: a log that throws at every line stops no session", () => {
  const logging = configureLogging({ level: "trace", format: "json", color: false, write: boom });
  try {
    const { rig, flows } = rigWithStream();
    assert.ok(flows());
    rig.client().connection.hangUp();
    assert.ok(flows());
    assert.ok(logging.dropped > 3);
  } finally {
    resetSync();
  }
});

test("H6: what nobody catches in a plugin is counted, named and logged, and the server goes on", async () => {
  await using server = await startServer(["--plugin", "test/support/plugins/faulty.ts"]);
  await using publisher = await RtmpClient.open(server.rtmpPort);
  const { id } = await publisher.publish("live", "a");
  await using player = await RtmpClient.open(server.rtmpPort);
  await player.play("live", "a");
  await player.statusOf("NetStream.Play.Start");
  publisher.send(Type.Video, id, 0, VIDEO_HEADER);
  const base = `http://127.0.0.1:${server.httpPort}/plugins/faulty`;
  const buttons = ["timer", "rejection", "nothing", "text", "throw", "throw-text", "stream"];
  const hung = fetch(`${base}/hang`).catch(() => {});
  for (const button of buttons) {
    const response = await fetch(`${base}/${button}`).catch(() => undefined);
    await response?.text().catch(() => {}); // Half of an answer, where a stream failed.
  }
  await using refused = await RtmpClient.open(server.rtmpPort);
  const { info } = await refused.publish("live", "throws");
  assert.equal(info.code, "NetStream.Publish.Denied");
  const health = await until(async () => {
    const { body } = await server.api("/health");
    const { faults } = body as HealthView;
    const sum = faults.reduce((total, { count }) => total + count, 0);
    return sum >= 7 && (body as HealthView);
  }, "the faults are counted");
  const of = (subsystem: string) => health.faults.filter((fault) => fault.subsystem === subsystem);
  const sum = (subsystem: string) => of(subsystem).reduce((all, { count }) => all + count, 0);
  assert.ok(sum("process") >= 4, JSON.stringify(health.faults));
  assert.equal(sum("http"), 2);
  assert.equal(sum("plugin"), 1);
  const named = of("process").find(({ plugin }) => plugin === "faulty");
  assert.ok(named !== undefined && named.count >= 2, JSON.stringify(health.faults));
  await server.waitForLog("uncaught error", { plugin: "faulty", error: "RangeError: timer" });
  await server.waitForLog("unhandled rejection", { plugin: "faulty" });
  publisher.send(Type.Video, id, 40, keyFrame(100));
  await player.waitFor(({ timestamp }) => timestamp === 40, "media goes on");
  figure({ id: "H6", what: "faults injected", value: buttons.length + 1, unit: "", atLeast: 7 });
  assert.equal((await server.stop()).code, 0);
  await hung;
});
