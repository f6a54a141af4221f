/** Targets that are removed, or whose stream or server ends, at each moment of their lives. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../src/ports.ts";
import { KEY, type RelayRig } from "../service/relay/relay_rig.ts";
import { at, BAD, dialFails, Scene, served } from "./relay_scene.ts";

/** A moment in the life of a target: how it comes about, and what comes late, behind the act. */
interface Moment {
  readonly what: string;
  set(scene: Scene): (() => void) | void;
}

const MOMENTS: readonly Moment[] = [
  {
    what: "its name is looked up",
    set: (scene) => {
      const late = Promise.withResolvers<readonly string[]>();
      scene.lookup = () => late.promise;
      return () => late.resolve(["8.8.4.4"]);
    },
  },
  {
    what: "it is dialled",
    set: (scene) => {
      const late = Promise.withResolvers<Connection>();
      scene.dial = () => late.promise;
      return () => late.resolve(scene.serve());
    },
  },
  { what: "it waits for a handshake", set: served("nothing") },
  { what: "it waits for connect", set: served("handshake") },
  { what: "it waits for a stream", set: served("connect") },
  { what: "it waits for leave to publish", set: served("createStream") },
  { what: "it publishes", set: served("publish and play") },
  {
    what: "it publishes to one that takes nothing",
    set: served(
      "publish and play",
      at("publish", (server, id) => {
        server.connection.block();
        server.status(id, "status", "NetStream.Publish.Start");
      }),
    ),
  },
  { what: "it waits for the next attempt", set: dialFails("refused") },
];

/** What may happen at any moment. */
const ACTS: Readonly<Record<string, (rig: RelayRig, id: string) => Promise<void>>> = {
  "is removed": (rig, id) => {
    assert.ok(rig.service.remove(id));
    return Promise.resolve();
  },
  "is removed with its stream": async (rig, id) => {
    rig.hub.registry.kick(KEY, rig.clock.now());
    await rig.settle();
    assert.ok(rig.service.remove(id));
  },
  "ends with the server": async (rig) => {
    rig.hub.shutdown();
    const stopped = rig.service.stop(1000);
    await rig.pass(1500);
    await stopped;
  },
};

for (const { what, set } of MOMENTS) {
  for (const [happens, act] of Object.entries(ACTS)) {
    test(`a target that ${happens} while ${what} leaves nothing`, async () => {
      const scene = new Scene();
      const { rig } = scene;
      const late = set(scene) ?? (() => {});
      const publisher = rig.publish();
      const { id } = rig.target(`rtmp://${BAD}/app/key`);
      await rig.settle();
      rig.push(publisher);
      await rig.settle();
      const { state } = rig.only;
      await act(rig, id);
      assert.equal(rig.service.list().length, 0, `it was ${state}`);
      late();
      await rig.pass(3000);
      assert.ok(scene.connections.every(({ closed }) => closed), "no connection is left");
      assert.equal(rig.service.readersOf(publisher.stream), 0);
      assert.equal(rig.stream?.playerCount ?? 0, 0);
      rig.hub.close();
      assert.equal(rig.clock.pending, 0, "no timer is left");
      assert.deepEqual(rig.faults.list(), []);
    });
  }
}
