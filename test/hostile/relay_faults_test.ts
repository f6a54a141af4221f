/**
 * Whatever goes wrong where relays leave this process: the source, the other target and viewers go on, what is said of
 * the relay is right, and nothing of it is left.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DialError } from "../../src/ports.ts";
import type { RelayState } from "../../src/service/relay/description.ts";
import { audioFrame, interFrame, keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { at, BAD, broken, dialFails, NEVER, Scene, served } from "./relay_scene.ts";

/** A fault, and what is said of the target then. `ours`: it counts as a fault of this server. */
interface Row {
  readonly what: string;
  set(scene: Scene): void;
  readonly kind: string | undefined;
  readonly state?: RelayState;
  readonly ours?: true;
}

const ROWS: readonly Row[] = [
  {
    what: "a name that is not found",
    set: (scene) =>
      scene.lookup = () => Promise.reject(new DialError("not-found", { hostname: BAD, port: 0 })),
    kind: "dial",
  },
  {
    what: "a name without an address",
    set: (scene) => scene.lookup = () => Promise.resolve([]),
    kind: "dial",
  },
  {
    what: "a name that is looked up for ever",
    set: (scene) => scene.lookup = () => NEVER,
    kind: "timeout",
  },
  {
    what: "a look-up that throws what nobody expects",
    set: (scene) =>
      scene.lookup = () => {
        throw new TypeError("resolver");
      },
    kind: "internal",
  },
  {
    what: "a private address",
    set: (scene) => scene.lookup = () => Promise.resolve(["10.0.0.1", "::1"]),
    kind: "address",
  },
  {
    what: "a private address behind a public one that refuses",
    set: (scene) => {
      scene.lookup = () => Promise.resolve(["8.8.4.4", "10.0.0.1"]);
      scene.dial = (target) => {
        assert.equal(target.hostname, "8.8.4.4", "nobody goes where nobody may");
        return Promise.reject(new DialError("refused", target));
      };
    },
    kind: "dial",
  },
  {
    what: "a name that is public when it is looked at, and private from then on",
    set: (scene) => {
      let looks = 0;
      scene.lookup = () => Promise.resolve([looks++ === 0 ? "8.8.4.4" : "127.0.0.1"]);
      scene.dial = (target) => {
        assert.equal(target.hostname, "8.8.4.4", "the address is dialled that was looked at");
        return Promise.resolve(scene.serve("nothing"));
      };
    },
    kind: "timeout",
  },
  {
    what: "eight addresses that say nothing",
    set: (scene) => {
      scene.lookup = () => Promise.resolve(Array.from({ length: 8 }, (_, i) => `8.8.4.${i}`));
      scene.dial = (target, { timeoutMs, signal }) =>
        new Promise((_, reject) => {
          const fail = (reason: DialError["reason"]) => reject(new DialError(reason, target));
          scene.rig.clock.after(timeoutMs!, () => fail("timeout"));
          signal!.addEventListener("abort", () => fail("aborted"));
        });
    },
    kind: "timeout",
  },
  { what: "a port where nobody listens", set: dialFails("refused"), kind: "dial" },
  { what: "a certificate that is not trusted", set: dialFails("untrusted"), kind: "tls" },
  { what: "a handshake of TLS that breaks off", set: dialFails("hung-up"), kind: "tls" },
  {
    what: "a dialler that throws what nobody expects",
    set: (scene) =>
      scene.dial = () => {
        throw new TypeError("socket");
      },
    kind: "internal",
  },
  { what: "a server that never shakes hands", set: served("nothing"), kind: "timeout" },
  { what: "a server that never answers connect", set: served("handshake"), kind: "timeout" },
  { what: "a server that never creates a stream", set: served("connect"), kind: "timeout" },
  { what: "a server that never lets it publish", set: served("createStream"), kind: "timeout" },
  {
    what: "a server that hangs up before it speaks",
    set: served("nothing", ({ connection }) => {
      const start = connection.start.bind(connection);
      connection.start = (handler) => {
        start(handler);
        connection.hangUp();
      };
    }),
    kind: "closed",
  },
  ...(["connect", "createStream", "publish"] as const).map((command): Row => ({
    what: `a server that hangs up at ${command}`,
    set: served("publish and play", at(command, ({ connection }) => connection.hangUp())),
    kind: "closed",
  })),
  ...(["connect", "createStream", "publish"] as const).map((command): Row => ({
    what: `a server that sends nonsense at ${command}`,
    set: served(
      "publish and play",
      at(command, (server) => server.deliver(new Uint8Array(4000).fill(0xff))),
    ),
    kind: "protocol",
  })),
  {
    what: "a server that refuses the name",
    set: served(
      "publish and play",
      at("publish", (server, id) => server.status(id, "error", "NetStream.Publish.BadName")),
    ),
    kind: "refused",
  },
  {
    what: "a server that ends the stream as soon as it began",
    set: served(
      "publish and play",
      at("publish", (server, id) => {
        server.status(id, "status", "NetStream.Publish.Start");
        server.status(id, "status", "NetStream.Unpublish.Success");
      }),
    ),
    kind: "ended",
  },
  {
    what: "a server that begins to publish, and takes nothing",
    set: served(
      "publish and play",
      at("publish", (server, id) => {
        server.connection.block();
        server.status(id, "status", "NetStream.Publish.Start");
      }),
    ),
    kind: "stalled",
  },
  {
    what: "a server that takes part of a write, and no more",
    set: served(
      "publish and play",
      at("publish", (server, id) => {
        server.connection.room = 5;
        server.status(id, "status", "NetStream.Publish.Start");
      }),
    ),
    kind: "stalled",
  },
  {
    what: "a server that says one byte at a time",
    set: served("publish and play", (server) => {
      const { connection } = server;
      const deliver = connection.deliver.bind(connection);
      connection.deliver = (bytes) => {
        for (const byte of bytes) deliver(Uint8Array.of(byte));
      };
    }),
    kind: undefined,
    state: "publishing",
  },
  {
    what: "a server that asks, and reads no answer",
    set: served(
      "publish and play",
      at("publish", (server) => {
        server.connection.block();
        for (let call = 0; call < 3000; call++) server.command(0, "whoAreYou", 7, null);
      }),
    ),
    kind: "stalled",
  },
  {
    what: "a socket that cannot be read",
    set: served("nothing", broken("start")),
    kind: "internal",
    ours: true,
  },
  {
    what: "a socket that cannot be written",
    set: served("nothing", broken("write")),
    kind: "internal",
    ours: true,
  },
  {
    what: "a socket that cannot be written any more",
    set: served("publish and play", broken("write", 3)),
    kind: "internal",
    ours: true,
  },
];

for (const { what, set, kind, state = "retrying", ours } of ROWS) {
  test(`a target with ${what} costs nobody anything, is told of, and leaves nothing`, async () => {
    const scene = new Scene();
    const { rig, good } = scene;
    set(scene);
    const publisher = rig.publish();
    const { seen } = rig.play();
    const target = (host: string) => rig.target(`rtmp://${host}/app/key`).id;
    const ids = [target("good.test"), target(BAD)];
    const bad = () =>
      rig.service.list().map((one) => one.describe()).find(({ id }) => id === ids[1])!;
    // Until it is told, and then once more: an attempt behind a failure goes wrong in the same way.
    for (
      let passed = 0;
      passed < 12_000 && (bad().error === undefined || passed < 2000);
      passed += 500
    ) {
      rig.push(publisher);
      await rig.settle(500);
    }
    assert.equal(bad().error?.kind, kind);
    assert.ok([state, "connecting", "publishing"].includes(bad().state), bad().state);
    assert.equal(rig.faults.list().length > 0, ours === true, JSON.stringify(rig.faults.list()));
    // The others have not noticed.
    const before = good.messages.length;
    rig.push(publisher, []);
    publisher.push(8, rig.clock.now(), audioFrame(9), rig.clock.now());
    rig.hub.pushed(publisher.stream, rig.clock.now());
    await rig.settle();
    assert.ok(publisher.active);
    assert.equal(good.messages.length, before + 2);
    assert.deepEqual(seen.ended, []);
    // It is removed, and so is all of it.
    assert.ok(rig.service.remove(ids[1]!));
    assert.ok(!rig.service.remove(ids[1]!));
    for (const connection of scene.connections) connection.drain();
    await rig.pass(2500);
    assert.ok(scene.connections.every(({ closed }) => closed), "no connection is left");
    assert.equal(rig.stream!.playerCount, 2, "the viewer, and the good target");
    assert.ok(rig.service.remove(ids[0]!));
    await rig.pass(3000);
    assert.equal(rig.stream!.playerCount, 1);
    assert.equal(rig.clock.pending, 1, "the tick of the hub alone");
  });
}

for (const { what, set, ours } of ROWS) {
  test(`a source with ${what} gives way to the next one, and leaves nothing`, async () => {
    const sources = [`rtmp://${BAD}/app/key`, "rtmp://good.test/app/key"];
    const scene = new Scene({ pull: [{ pattern: "live/*", sources, always: false }] });
    const { rig, good } = scene;
    set(scene);
    at("publish", (server, id) => {
      server.status(id, "status", "NetStream.Play.Start");
      server.message(9, 1, 0, VIDEO_HEADER);
      server.message(9, 1, 0, keyFrame());
    })(good);
    const asked = rig.want();
    for (let passed = 0; passed < 9500 && asked.live === undefined; passed += 500) {
      await rig.pass(500);
    }
    assert.equal(asked.live, true, JSON.stringify(rig.service.list().map((one) => one.describe())));
    const { seen } = rig.play();
    assert.equal(rig.only.state, "playing");
    assert.equal(rig.only.url, "rtmp://good.test:1935/app/***");
    assert.equal(rig.only.error, undefined);
    assert.equal(rig.faults.list().length > 0, ours === true, JSON.stringify(rig.faults.list()));
    good.message(9, 1, 40, interFrame());
    assert.equal(rig.stream!.stats.videoFrames, 3, "with the header");
    assert.ok(rig.service.remove(rig.only.id));
    for (const connection of scene.connections) connection.drain();
    await rig.pass(3000);
    assert.deepEqual(seen.ended.length, 1);
    assert.ok(scene.connections.every(({ closed }) => closed), "no connection is left");
    assert.ok(good.connection.closed);
    rig.hub.close();
    assert.equal(rig.clock.pending, 0, "no timer is left");
  });
}

test("a fault in looking after one relay is none of the others", async () => {
  const scene = new Scene();
  const { rig } = scene;
  const publisher = rig.publish();
  rig.target(`rtmp://${BAD}/app/key`);
  rig.target("rtmp://good.test/app/key");
  await rig.settle();
  Object.assign(rig.service.list()[0]!, {
    tick() {
      throw new Error("no look");
    },
  });
  for (let second = 0; second < 3; second++) {
    rig.push(publisher);
    await rig.settle(1000);
  }
  const rates = rig.service.list().map((one) => one.describe().bitrate);
  assert.equal(rates.length, 2);
  assert.ok(rates[1]! > 0, "the rate of the other one is measured on");
  assert.equal(rig.faults.list()[0]?.count, 3);
});
