/**
 * A rig in which something goes wrong at any one of the points where a session can end while others
 * are in the middle of something: at each reply, each write, each call of the hub and what the hub
 * tells, each hook of a plugin.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Encoding, LiveStream, Player, StreamRegistry } from "../../../src/hub/mod.ts";
import type { Plugin } from "../../../src/plugin/mod.ts";
import type { RtmpSession } from "../../../src/service/rtmp/mod.ts";
import { MAX_REPLY_BYTES } from "../../../src/service/rtmp/connection_writer.ts";
import { Rig, type RigClient, type SETTINGS, settle } from "../../support/rtmp_service.ts";

/** What goes wrong: see {@link World.point}. */
export const KINDS = ["overflow", "hang up", "kick", "throw"] as const;
type Kind = typeof KINDS[number];

/** More than a session that reads nothing may leave unread. */
const TOO_MUCH = new Uint8Array(MAX_REPLY_BYTES + 1);

/** A fault that a test made. */
class Injected extends Error {}

// deno-lint-ignore no-explicit-any
type Any = any;

/** A rig whose clients meet a fault at one point. */
export class World {
  readonly rig: Rig;
  readonly clients = new Map<string, RigClient>();
  /** What the points passed so far were, in order. */
  readonly passed: string[] = [];
  /** The session that met the fault. */
  atFault: RtmpSession | undefined;
  #armed = false;
  /** Whose turn it is. */
  #current: RtmpSession | undefined;
  readonly #at: number;
  readonly #kind: Kind;
  readonly #sessionOf = new Map<Player, RtmpSession>();

  /** The point with the number `at` meets `kind`; none does when there are fewer. */
  constructor(at: number, kind: Kind, settings: Partial<typeof SETTINGS> = {}, slow = false) {
    this.#at = at;
    this.#kind = kind;
    const hook = (name: string) => ({ sessionId }: { sessionId: string }) => {
      const session = this.rig.service.sessions.get(sessionId);
      // What a hook throws is the plugin's affair, and tested there.
      if (session !== undefined) this.point(`plugin ${name}`, session, false);
      return slow ? Promise.resolve() : undefined;
    };
    const plugin: Plugin = {
      name: "points",
      onPublish: hook("onPublish"),
      onPlay: hook("onPlay"),
      onSharedObject: hook("onSharedObject"),
      onCall: (_method, _args, context) => {
        hook("onCall")(context);
        return slow ? Promise.resolve("answer") : "answer";
      },
      onUnpublish: (context) => void hook("onUnpublish")(context),
      onPlayEnd: (context) => void hook("onPlayEnd")(context),
    };
    this.rig = new Rig(settings, plugin);
    this.#watchHub();
  }

  /** From now on points count. */
  arm(): void {
    this.#armed = true;
  }

  /** A point is passed. The session meets its fault here, if this is the one. */
  point(what: string, session: RtmpSession | undefined, mayThrow = true): void {
    if (!this.#armed || session === undefined) return;
    if (!this.rig.service.sessions.has(session.id)) return;
    this.passed.push(what);
    if (this.passed.length - 1 !== this.#at) return;
    if (this.#kind === "throw" && !mayThrow) return;
    this.atFault = session;
    this.#armed = false;
    if (this.#kind === "throw") throw new Injected(`injected at ${what}`);
    if (this.#kind === "kick") session.end("kicked");
    else if (this.#kind === "overflow") session.writer.send(TOO_MUCH);
    else this.#clientOf(session).connection.hangUp();
    this.#armed = true;
  }

  #clientOf(session: RtmpSession): RigClient {
    return [...this.clients.values()].find((client) => client.session === session)!;
  }

  /** A client of this name, not connected yet. */
  client(name: string): RigClient {
    const client = this.rig.client();
    this.clients.set(name, client);
    const { session, connection } = client;
    wrap(session.writer, "send", () => this.point("send", session));
    wrap(connection, "write", () => this.point("write", session));
    const decide = session.whenDecided.bind(session);
    (session as Any).whenDecided = (decision: Any, act: Any) =>
      decide(decision, (decided: Any) => this.#inTurnOf(session, () => act(decided)));
    for (const name of ["onStop", "onUnpublish", "onReceive", "onPause"] as const) {
      const original = session[name].bind(session) as Any;
      (session as Any)[name] = (...args: unknown[]) =>
        this.#inTurnOf(session, () => original(...args));
    }
    return client;
  }

  #inTurnOf(session: RtmpSession, act: () => void): void {
    const before = this.#current;
    this.#current = session;
    try {
      act();
    } finally {
      this.#current = before;
    }
  }

  #watchHub(): void {
    const { registry } = this.rig;
    const observed = (observer: Any, session: RtmpSession | undefined): Any => {
      const told: Any = { onFault: observer.onFault };
      for (const name of ["onStart", "onEnd", "onPublish", "onSkip", "onRevoked"]) {
        if (observer[name] === undefined) continue;
        told[name] = (...args: unknown[]) => {
          this.point(`before ${name}`, session);
          observer[name](...args);
          this.point(`after ${name}`, session);
        };
      }
      return told;
    };
    const { publish, play } = StreamRegistry.prototype;
    registry.publish = (path, info, observer, now) => {
      const session = this.#current;
      this.point("before publish", session);
      const publisher = publish.call(registry, path, info, observed(observer, session), now);
      this.point("after publish", session, false);
      return publisher;
    };
    registry.play = (path, encoder, sink, observer, now, from) => {
      const session = this.#current;
      this.point("before play", session);
      const told = observed(observer, session);
      const played = play.call(registry, path, encoder, sink, told, now, from);
      if (typeof played !== "string") this.#sessionOf.set(played, session!);
      this.point("after play", session, false);
      return played;
    };
    wrap(registry, "stopPlaying", () => this.point("stopPlaying", this.#current, false));
    wrap(registry, "unpublish", () => this.point("unpublish", this.#current, false));
  }

  /** Runs `scene` with what lies below the registry watched as well. */
  async run(scene: (world: World) => void | Promise<void>): Promise<void> {
    const undo: (() => void)[] = [];
    const patch = (prototype: Any, name: string, before: (self: Any, args: unknown[]) => void) => {
      const original = prototype[name];
      prototype[name] = function (this: unknown, ...args: unknown[]) {
        before(this, args);
        return original.apply(this, args);
      };
      undo.push(() => void (prototype[name] = original));
    };
    for (const name of ["next", "enforce", "fallIn", "join", "seekKey"]) {
      patch(Player.prototype, name, (player) => {
        this.point(`Player.${name}`, this.#sessionOf.get(player));
      });
    }
    patch(Encoding.prototype, "add", (_, [player]) => {
      this.point("Encoding.add", this.#sessionOf.get(player as Player) ?? this.#current);
    });
    patch(LiveStream.prototype, "changeEncoder", () => {
      this.point("changeEncoder", this.#current);
    });
    try {
      await scene(this);
      await this.#turns();
    } finally {
      for (const each of undo) each();
    }
    this.#armed = false;
  }

  async #turns(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) {
      await settle();
      this.rig.clock.advance(1);
    }
    await settle();
  }

  /** The names of the clients that are connected. */
  alive(): string[] {
    const { sessions } = this.rig.service;
    return [...this.clients].filter(([, { session, connection }]) =>
      sessions.has(session.id) && !session.ended && connection.closing === undefined
    ).map(([name]) => name);
  }

  /** What must hold at any time: nothing in the hub is of a session that has ended. */
  checkRecords(): void {
    const { rig } = this;
    for (const stream of rig.registry.list()) {
      const id = stream.publisher?.info.sessionId;
      if (id !== undefined) this.#checkLives(rig.service.sessions.get(id), "publisher");
    }
    for (const [player, session] of this.#sessionOf) {
      if (player.encoding !== undefined || rig.registry.waits.get(player) !== undefined) {
        this.#checkLives(session, "player");
      }
    }
  }

  #checkLives(session: RtmpSession | undefined, what: string): void {
    assert.ok(session !== undefined, `a ${what} of a session that is gone`);
    assert.ok(this.rig.service.sessions.has(session.id), `a ${what} whose session is gone`);
    assert.ok(!session.ended, `a ${what} whose session has ended`);
  }

  /** Everybody hangs up, and nothing is left. */
  async checkNothingStays(): Promise<void> {
    const { rig } = this;
    for (const { connection } of this.clients.values()) connection.hangUp();
    await settle();
    for (let second = 0; second < 15; second++) rig.clock.advance(1000);
    await settle();
    assert.equal(rig.registry.size, 0, "streams are left");
    assert.equal(rig.registry.waits.size, 0, "waits are left");
    assert.equal(rig.service.sharedObjectCount, 0, "shared objects are left");
    const none = { sessions: 0, connections: 0, pending: 0, addresses: 0, assembly: 0 };
    assert.deepEqual(rig.service.gauges, none);
  }
}

/** Calls `before` ahead of a method of one object. */
function wrap<T extends object>(object: T, name: keyof T, before: () => void): void {
  const original = (object[name] as Any).bind(object);
  (object as Any)[name] = (...args: unknown[]) => {
    before();
    return original(...args);
  };
}
