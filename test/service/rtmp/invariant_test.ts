/**
 * Whatever goes wrong for one session, at whichever point: the hub holds nothing of a session that
 * has ended, and no other session is touched.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject } from "../../../src/core/amf/mod.ts";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import { audioFrame, interFrame, keyFrame } from "../../support/media.ts";
import { publishGop, type SETTINGS, settle } from "../../support/rtmp_service.ts";
import { change, RELEASE, sharedObject, USE } from "../../support/shared_object_client.ts";
import { KINDS, World } from "./injection.ts";

const { Audio, Video } = MessageType;

interface Scene {
  readonly settings?: Partial<typeof SETTINGS>;
  /** Whether plugins are asked for something, and so may take their time. */
  readonly asks?: boolean;
  /** What happens before anything goes wrong. */
  before?(world: World): void;
  run(world: World): void | Promise<void>;
}

/** A publisher of `a` that has sent a GOP. */
function publisher(world: World, name = "publisher", stream = "a") {
  const client = world.client(name).connected(2);
  client.publish(1, stream);
  publishGop(client, 0);
  return client;
}

function player(world: World, name: string, stream = "a") {
  const client = world.client(name).connected(2);
  client.play(1, stream);
  return client;
}

/** A publisher and two players. */
function audience(world: World): void {
  publisher(world);
  player(world, "first");
  player(world, "second");
}

const SCENES: Record<string, Scene> = {
  "connect and publish": {
    asks: true,
    run(world) {
      const client = world.client("publisher");
      client.shake();
      client.connect("live");
      client.command(0, "createStream", 2, null);
      client.publish(1, "a");
      publishGop(client, 0);
    },
  },
  "play": {
    asks: true,
    before: (world) => void publisher(world),
    run: (world) => void player(world, "player"),
  },
  "media to players in step": {
    before: audience,
    run(world) {
      const client = world.clients.get("publisher")!;
      for (let time = 80; time < 240; time += 40) {
        client.message(Audio, 1, time, audioFrame(20));
        client.message(Video, 1, time, interFrame(300));
      }
      world.rig.clock.advance(600);
    },
  },
  "play before publish": {
    asks: true,
    before(world) {
      player(world, "first");
      player(world, "second");
    },
    run: (world) => void publisher(world),
  },
  "a wait that is over": {
    before: (world) => void player(world, "player"),
    run: (world) => world.rig.clock.advance(11_000),
  },
  "a takeover": { asks: true, before: audience, run: (world) => void publisher(world, "other") },
  "a takeover of one's own name": {
    before: audience,
    run: (world) => world.clients.get("publisher")!.publish(2, "a"),
  },
  "a publish that is refused": {
    asks: true,
    settings: { publishPolicy: "reject", publishProbeMs: 0 },
    before: audience,
    run: (world) => void publisher(world, "other"),
  },
  "a publish that takes the place of another on its NetStream": {
    asks: true,
    before: audience,
    run: (world) => world.clients.get("publisher")!.publish(1, "c"),
  },
  "a play that takes the place of another on its NetStream": {
    asks: true,
    before(world) {
      audience(world);
      publisher(world, "other", "b");
    },
    run: (world) => world.clients.get("first")!.play(1, "b"),
  },
  "a stream ended by the operator": {
    before: audience,
    run: ({ rig }) => rig.registry.get({ app: "live", name: "a" })?.publisher?.revoke("kicked", 0),
  },
  "a publisher that leaves": {
    before: audience,
    run: (world) => world.clients.get("publisher")!.command(1, "closeStream", 0, null),
  },
  "a player that leaves": {
    before: audience,
    run: (world) => world.clients.get("first")!.command(1, "closeStream", 0, null),
  },
  "a player that falls behind and recovers": {
    settings: { player: { bytes: 20_000, ms: 5000, overflows: 0 } },
    before(world) {
      audience(world);
      world.clients.get("first")!.connection.block();
    },
    run(world) {
      const client = world.clients.get("publisher")!;
      for (let time = 80; time < 400; time += 40) client.message(Video, 1, time, keyFrame(9000));
      world.clients.get("first")!.connection.drain();
    },
  },
  "a player that falls behind for good": {
    settings: { player: { bytes: 20_000, ms: 5000, overflows: 1 } },
    before(world) {
      audience(world);
      world.clients.get("first")!.connection.block();
    },
    run(world) {
      const client = world.clients.get("publisher")!;
      for (let time = 80; time < 400; time += 40) client.message(Video, 1, time, keyFrame(9000));
    },
  },
  "a switch to another stream": {
    asks: true,
    before(world) {
      audience(world);
      publisher(world, "other", "b");
    },
    run(world) {
      const options = amfObject({ streamName: "b", transition: "switch" });
      world.clients.get("first")!.command(1, "play2", 0, null, options);
      world.clients.get("other")!.message(Video, 1, 80, keyFrame(300));
      world.clients.get("publisher")!.message(Video, 1, 80, keyFrame(300));
    },
  },
  "a switch to a stream that does not come": {
    before: audience,
    run(world) {
      const options = amfObject({ streamName: "b", transition: "switch" });
      world.clients.get("first")!.command(1, "play2", 0, null, options);
      for (let second = 0; second < 11; second++) {
        world.clients.get("publisher")!.message(Video, 1, 1000 * second + 80, keyFrame(300));
        world.rig.clock.advance(1000);
      }
    },
  },
  "a playlist": {
    asks: true,
    before(world) {
      audience(world);
      publisher(world, "other", "b");
      world.clients.get("first")!.command(1, "play", 0, null, "b", -2000, -1, false);
    },
    run: (world) => world.clients.get("publisher")!.command(1, "closeStream", 0, null),
  },
  "pause, resume and a choice of what to receive": {
    before: audience,
    run(world) {
      const client = world.clients.get("first")!;
      client.command(1, "pause", 0, null, true, 0);
      world.clients.get("publisher")!.message(Video, 1, 80, keyFrame(300));
      client.command(1, "pause", 0, null, false, 0);
      client.command(1, "receiveVideo", 0, null, false);
      client.command(1, "receiveVideo", 0, null, true);
      client.command(1, "receiveAudio", 0, null, false);
      world.clients.get("publisher")!.message(Video, 1, 120, keyFrame(300));
    },
  },
  "a publisher that is lost and comes back": {
    settings: { reconnectWindowMs: 5000 },
    before: audience,
    async run(world) {
      world.clients.get("publisher")!.connection.hangUp();
      await settle();
      publisher(world, "again");
    },
  },
  "a publisher that is lost for good": {
    settings: { reconnectWindowMs: 5000 },
    before: audience,
    async run(world) {
      world.clients.get("publisher")!.connection.hangUp();
      await settle();
      world.rig.clock.advance(6000);
    },
  },
  "shared objects": {
    asks: true,
    before(world) {
      for (const name of ["a", "b"]) {
        world.client(name).connected().message(19, 0, 0, sharedObject("chat", [USE]));
      }
    },
    run(world) {
      const [a, b] = [world.clients.get("a")!, world.clients.get("b")!];
      world.client("c").connected().message(19, 0, 0, sharedObject("chat", [USE]));
      a.message(19, 0, 0, sharedObject("chat", [change("topic", "news")]));
      b.message(19, 0, 0, sharedObject("chat", [RELEASE]));
    },
  },
  "calls in both directions": {
    asks: true,
    before: (world) => void world.client("a").connected(),
    async run(world) {
      const client = world.clients.get("a")!;
      client.command(0, "ask", 5, null, 1);
      world.rig.service.sessions.get(client.session.id)?.calls.call("reply", []);
      await settle();
      client.command(0, "_result", 1, null, "yes");
    },
  },
  "a request to reconnect": {
    before(world) {
      for (const name of ["a", "b"]) {
        const client = world.client(name);
        client.shake();
        const announced = { app: "live", tcUrl: "rtmp://h/live", capsEx: 1 };
        client.command(0, "connect", 1, amfObject(announced));
      }
    },
    run: ({ rig }) => void rig.service.askToReconnect(),
  },
  "the server stops": {
    before: audience,
    run(world) {
      world.rig.stop(1000);
    },
  },
};

/** Which kinds this runtime leaves out, where the two share them. */
const START = "Bun" in globalThis ? 1 : 0;

for (const [name, scene] of Object.entries(SCENES)) {
  for (const slow of scene.asks === true ? [false, true] : [false]) {
    test(`${name}${slow ? ", behind slow plugins" : ""}: a fault at any point ends one session, wholly`, async () => {
      const run = async (at: number, kind: typeof KINDS[number]) => {
        const world = new World(at, kind, scene.settings, slow);
        scene.before?.(world);
        await settle();
        world.arm();
        await world.run((world) => scene.run(world));
        return world;
      };
      const dry = await run(Infinity, "throw");
      // Those that the scene itself ends are not among them.
      const survivors = dry.alive();
      await check(dry, survivors);
      const points = dry.passed.length;
      assert.ok(points > 0);
      for (let at = 0; at < points; at++) {
        for (const [index, kind] of KINDS.entries()) {
          // Behind slow plugins each runtime tries one kind in two, and the other one the others.
          if (slow && (at + index + START) % 2 === 0) continue;
          const world = await run(at, kind);
          try {
            await check(world, survivors);
          } catch (error) {
            throw new Error(`${kind} at point ${at}, ${world.passed[at]}`, { cause: error });
          }
        }
      }
    });
  }
}

/** That the invariant holds, with those of `survivors` alive that met no fault. */
async function check(world: World, survivors: readonly string[]): Promise<void> {
  world.checkRecords();
  const alive = world.alive();
  for (const name of survivors) {
    if (world.clients.get(name)!.session === world.atFault) continue;
    assert.ok(alive.includes(name), `${name} was touched`);
  }
  // What lives goes on: the next picture of each publisher reaches all of its players.
  for (const stream of world.rig.registry.list()) {
    const id = stream.publisher?.info.sessionId;
    const source = [...world.clients.values()].find(({ session }) => session.id === id);
    if (source === undefined) continue;
    const streamId = [...source.session.core.streams.values()].find(({ isPublisher, path }) =>
      isPublisher && path?.name === stream.name
    )!.id;
    const counts = new Map(
      [...world.clients].map(([name, client]) => [name, client.connection.writes.length]),
    );
    source.message(Video, streamId, 20_000, keyFrame(100));
    source.message(Audio, streamId, 20_000, audioFrame(20));
    for (const name of world.alive()) {
      const { session, connection } = world.clients.get(name)!;
      const plays = [...session.core.streams.values()].some(({ state, paused, path }) =>
        state === "playing" && !paused && path?.name === stream.name
      );
      if (!plays || connection.busy) {
        continue;
      }
      assert.ok(connection.writes.length > counts.get(name)!, `${name} gets no media`);
    }
  }
  await world.checkNothingStays();
}
