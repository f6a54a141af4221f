/** D2: the registry against a model of it, in random histories: one owner at every instant. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type Player,
  type Publisher,
  type RegistryOptions,
  type RevokeReason,
  StreamRegistry,
} from "../../src/hub/mod.ts";
import { CollectingSink, plainEncoder } from "../hub/support.ts";
import { figure, sized } from "../support/figure.ts";
import { check } from "../support/property.ts";

const NAMES = ["a", "b", "c"];
const INFO = { sessionId: "s", address: "192.0.2.1:1", client: "model", since: 0 };
const OPTIONS: RegistryOptions = {
  publishPolicy: "replace",
  playWaitMs: 2000,
  reconnectWindowMs: 0,
  maxStreams: 3,
  maxWaits: 100,
  gop: { bytes: 1e6, frames: 100, ms: 30_000 },
  player: { bytes: 1e6, ms: 5000, overflows: 3 },
};

/** What the model knows of a publisher: the fifth byte of its frames is its number. */
interface Owner {
  readonly number: number;
  readonly name: string;
  readonly publisher: Publisher;
  readonly revoked: RevokeReason[];
}

/** What the model knows of a player. */
interface Listener {
  readonly name: string;
  readonly player: Player;
  readonly sink: CollectingSink;
  readonly stop: () => void;
  ended: boolean;
}

/** A registry and what ought to be true of it. */
class World {
  readonly registry: StreamRegistry;
  readonly options: RegistryOptions;
  now = 0;
  /** Every publisher there ever was: old ones go on pushing. */
  readonly owners: Owner[] = [];
  /** Who owns each name, as the model has it. */
  readonly byName = new Map<string, Owner>();
  readonly listeners: Listener[] = [];

  constructor(options: RegistryOptions) {
    this.options = options;
    this.registry = new StreamRegistry(options);
  }

  /** At every instant, inside calls of the registry as well: no name has two owners. */
  checkOwners(): void {
    const active = new Set<string>();
    for (const { publisher, name } of this.owners) {
      if (!publisher.active) continue;
      assert.ok(!active.has(name), `${name} has two owners`);
      active.add(name);
    }
  }

  publish(name: string): void {
    const number = this.owners.length % 200;
    const before = this.byName.get(name);
    const revoked: RevokeReason[] = [];
    const result = this.registry.publish({ app: "live", name }, INFO, {
      onRevoked: (reason) => {
        revoked.push(reason);
        this.checkOwners();
        assert.equal(owner.publisher.active, false, "who is told has lost it");
        // As a session does.
        this.registry.unpublish(owner.publisher, this.now);
      },
    }, this.now);
    if (typeof result === "string") {
      if (before !== undefined) assert.equal(this.options.publishPolicy, "reject");
      assert.equal(result, before === undefined ? "too-many-streams" : "taken");
      if (before === undefined) assert.ok(this.registry.size >= this.options.maxStreams);
      return;
    }
    const owner: Owner = { number, name, publisher: result, revoked };
    if (before !== undefined) {
      assert.equal(this.options.publishPolicy, "replace");
      assert.deepEqual(before.revoked, ["replaced"]);
    }
    this.owners.push(owner);
    this.byName.set(name, owner);
  }

  unpublish(owner: Owner): void {
    this.registry.unpublish(owner.publisher, this.now);
    if (this.byName.get(owner.name) === owner) this.byName.delete(owner.name);
  }

  kick(name: string): void {
    const owner = this.byName.get(name);
    this.byName.delete(name);
    this.registry.get({ app: "live", name })?.publisher?.revoke("kicked", this.now);
    if (owner !== undefined) assert.deepEqual(owner.revoked, ["kicked"]);
  }

  push(owner: Owner): void {
    const { publisher, number } = owner;
    publisher.push(9, this.now, Uint8Array.of(0x17, 1, 0, 0, 0, number), this.now);
    publisher.stream.flush(this.now);
  }

  play(name: string): void {
    const sink = new CollectingSink();
    const result = this.registry.play({ app: "live", name }, plainEncoder, sink, {
      onStart: () => {},
      onEnd: () => {
        listener.ended = true;
        listener.stop();
      },
    }, this.now);
    if (typeof result === "string") {
      assert.equal(result, "too-many-waits");
      return;
    }
    const player = result;
    sink.player = player;
    const stop = () => this.registry.stopPlaying(player);
    const listener: Listener = { name, player, sink, stop, ended: false };
    this.listeners.push(listener);
    sink.pump();
  }

  isLive(name: string): boolean {
    return this.registry.get({ app: "live", name })?.live === true;
  }

  /** What must hold after every step. */
  check(): void {
    this.checkOwners();
    for (const owner of this.owners) {
      const owns = this.byName.get(owner.name) === owner;
      assert.equal(owner.publisher.active, owns, `publisher ${owner.number} of ${owner.name}`);
      assert.ok(owner.revoked.length <= 1, "told once");
      if (owns) {
        assert.equal(this.registry.get({ app: "live", name: owner.name }), owner.publisher.stream);
      }
    }
    const used = new Set(this.byName.keys());
    let waits = 0;
    for (const { name, ended, player } of this.listeners) {
      if (ended) continue;
      if (player.encoding === undefined) waits++;
      else used.add(name);
      assert.equal(
        player.encoding !== undefined,
        this.isLive(name),
        "it waits for what is not there",
      );
    }
    assert.equal(this.registry.size, used.size, "a stream is there while somebody uses it");
    assert.equal(this.registry.waits.size, waits);
    assert.ok(this.registry.size <= this.options.maxStreams);
  }
}

type Step = (world: World) => void;

const name = fc.constantFrom(...NAMES, "d");
const pick = fc.nat({ max: 1000 });
/** The owner, most of the time, or one of those before it. */
const anyOwner = (world: World, index: number) =>
  index % 3 === 0
    ? world.owners[index % world.owners.length]
    : [...world.byName.values()][index % 4];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: name.map((one): Step => (world) => world.publish(one)) },
  {
    weight: 2,
    arbitrary: pick.map((index): Step => (world) => {
      const owner = anyOwner(world, index);
      if (owner !== undefined) world.unpublish(owner);
    }),
  },
  { weight: 1, arbitrary: name.map((one): Step => (world) => world.kick(one)) },
  {
    weight: 6,
    arbitrary: pick.map((index): Step => (world) => {
      const owner = anyOwner(world, index);
      if (owner === undefined) return;
      const takes = world.listeners.filter((one) => !one.ended && one.name === owner.name);
      const counts = takes.map(({ sink }) => sink.writes.length);
      world.push(owner);
      const owns = world.byName.get(owner.name) === owner;
      for (const [at, { sink }] of takes.entries()) {
        const fresh = sink.writes.slice(counts[at]);
        assert.equal(fresh.length, owns ? 1 : 0, "the owner's frame, and nobody else's");
        if (owns) assert.equal(fresh[0]!.at(-1), owner.number);
      }
    }),
  },
  { weight: 4, arbitrary: name.map((one): Step => (world) => world.play(one)) },
  {
    weight: 2,
    arbitrary: pick.map((index): Step => (world) => {
      const listener = world.listeners[index % world.listeners.length];
      if (listener === undefined || listener.ended) return;
      listener.ended = true;
      listener.stop();
    }),
  },
  {
    weight: 2,
    arbitrary: fc.nat({ max: 1500 }).map((ms): Step => (world) => {
      world.now += ms;
      world.registry.tick(world.now);
    }),
  },
);

const options = fc.record({
  publishPolicy: fc.constantFrom("replace" as const, "reject" as const),
  reconnectWindowMs: fc.constantFrom(0, 3000),
  maxStreams: fc.constantFrom(3, 10),
});

test("D2: in random histories each name has one owner at every instant, and only it is heard", () => {
  let runs = 0;
  let instants = 0;
  check(
    fc.property(options, fc.array(step, { maxLength: 60, size: "max" }), (chosen, steps) => {
      const world = new World({ ...OPTIONS, ...chosen });
      for (const act of steps) {
        act(world);
        world.check();
        instants++;
      }
      runs++;
      // Everybody goes, and nothing is left.
      for (const owner of [...world.byName.values()]) world.unpublish(owner);
      world.now += 10_000;
      world.registry.tick(world.now);
      world.check();
      assert.equal(world.registry.size, 0);
    }),
    sized(1500, 100_000),
  );
  figure({
    id: "D2",
    what: "histories checked",
    value: runs,
    unit: "",
    atLeast: sized(1500, 10_000),
  });
  figure({ id: "D2", what: "instants looked at", value: instants, unit: "" });
  figure({ id: "D2", what: "instants with two owners", value: 0, unit: "", atMost: 0 });
});

for (const policy of ["replace", "reject"] as const) {
  test(`D2: after a shutdown under ${policy} nobody owns or plays anything`, () => {
    check(
      fc.property(fc.array(step, { maxLength: 40, size: "max" }), (steps) => {
        const world = new World({ ...OPTIONS, publishPolicy: policy });
        for (const act of steps) act(world);
        world.registry.shutdown(world.now);
        assert.ok(world.owners.every(({ publisher }) => !publisher.active));
        assert.ok(world.listeners.every(({ ended }) => ended));
        assert.equal(world.registry.size, 0);
      }),
      sized(100, 5000),
    );
  });
}
