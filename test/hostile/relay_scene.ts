/**
 * A stream that is pushed to a good target, and to one that goes wrong as a test wants, in one process and on a clock
 * that stands still.
 *
 * @module
 */
import { type Connection, DialError, type DialOptions, type DialTarget } from "../../src/ports.ts";
import type { RelaySettings } from "../../src/service/relay/service.ts";
import { ScriptedServer, type Step } from "../client/scripted_server.ts";
import { RelayRig } from "../service/relay/relay_rig.ts";
import type { MemoryConnection } from "../support/memory_connection.ts";

export const BAD = "bad.test";
export const NEVER = new Promise<never>(() => {});
/** What a target may take in all: a look-up and a connection, until it publishes, until it is found to be stuck. */
export const LIMITS = { timeoutMs: 3000, stallMs: 2000 };

/** The relays of one stream: a good target, and one whose way out is bad. */
export class Scene {
  readonly rig: RelayRig;
  readonly good = new ScriptedServer();
  /** What was handed out to the bad target. */
  readonly connections: MemoryConnection[] = [];
  lookup: () => Promise<readonly string[]> = () => Promise.resolve(["8.8.4.4"]);
  dial: (target: DialTarget, options: DialOptions) => Promise<Connection> = () =>
    Promise.resolve(this.serve());

  constructor(settings: Partial<RelaySettings> = {}) {
    const rig = this.rig = new RelayRig({ ...LIMITS, allowPrivate: false, ...settings });
    // A server has run for a while before anybody comes.
    rig.clock.advance(1000);
    rig.lookup = (name) => name === BAD ? this.lookup() : Promise.resolve(["8.8.8.8"]);
    rig.dial = (target, options = {}) =>
      target.hostname === "8.8.8.8"
        ? Promise.resolve(this.good.connection)
        : this.dial(target, options);
  }

  /** A server that goes so far, which `then` may lead on. */
  serve(step: Step = "publish and play", then: (server: ScriptedServer) => void = () => {}) {
    const server = new ScriptedServer(step);
    this.connections.push(server.connection);
    then(server);
    return server.connection;
  }
}

/** When a server gets as far as this command, it does something else than answer; to play is to publish here. */
export const at = (command: string, act: (server: ScriptedServer, streamId: number) => void) =>
(
  server: ScriptedServer,
): void => {
  server.onCommand = (name, _id, streamId) => {
    if ((name === "play" ? "publish" : name) !== command) return false;
    act(server, streamId);
    return true;
  };
};

export const broken = (method: "start" | "write" | "pause" | "end" | "destroy", from = 1) =>
(
  { connection }: ScriptedServer,
): void => {
  const own = connection[method].bind(connection) as (bytes: Uint8Array) => unknown;
  let calls = 0;
  Object.assign(connection, {
    [method]: (bytes: Uint8Array) => {
      if (++calls >= from) throw new Error(`no ${method}`);
      return own(bytes);
    },
  });
};

export const dialFails = (reason: DialError["reason"]) => (scene: Scene) => {
  scene.dial = (target) => Promise.reject(new DialError(reason, target));
};
export const served = (step: Step, then?: (server: ScriptedServer) => void) => (scene: Scene) => {
  scene.dial = () => Promise.resolve(scene.serve(step, then));
};
