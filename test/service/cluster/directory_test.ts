/** Names and leases: never two owners, whatever becomes of lines and nodes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { keyOf, type StreamKey } from "../../../src/hub/mod.ts";
import { Directory, nameKey } from "../../../src/service/cluster/directory.ts";
import { NodeLease } from "../../../src/service/cluster/node_lease.ts";
import { FakeClock } from "../../support/clock.ts";
import { checkAsync } from "../../support/property.ts";
import { Line, pass, SharedStore } from "./store_rig.ts";

const LEASE_MS = 300;
const NAMES: readonly StreamKey[] = [{ app: "live", name: "a" }, { app: "live", name: "b" }];

/** A cluster without sockets. */
class Cluster {
  readonly clock = new FakeClock();
  readonly leases = new SharedStore(this.clock, LEASE_MS);
  readonly names = new SharedStore(this.clock, 600_000);
  readonly nodes: Node[] = [];

  constructor(nodes: number, random: () => number) {
    for (let index = 0; index < nodes; index++) this.nodes.push(new Node(this, index, random));
  }

  /** Nodes that say right now that they own a name. */
  owners(path: StreamKey): string[] {
    return this.nodes.filter(({ directory }) => directory.owns(path)).map(({ name }) => name);
  }
}

class Node {
  readonly name: string;
  readonly line: Line;
  readonly directory: Directory;
  readonly lease: NodeLease;
  /** Names that were lost to others behind a lease that ran out. */
  readonly lost: string[] = [];
  /** Owned and freed, in order. */
  readonly told: string[] = [];
  yields: "yes" | "no" = "no";
  #leases = 0;

  constructor(cluster: Cluster, index: number, random: () => number) {
    const { clock, leases, names } = cluster;
    this.name = `n${index}`;
    this.line = new Line(clock, random, LEASE_MS / 3);
    const bus = this.line.bus(leases, names);
    const back = () =>
      void this.directory.takeBack().then((lost) => this.lost.push(...lost.map(keyOf)));
    this.lease = new NodeLease({
      ...{ clock, store: bus.leases, ms: LEASE_MS, value: this.name },
      newId: () => `${this.name}-${++this.#leases}`,
      onBegun: back,
      onRenewed: () => {
        if (this.directory.missing) back();
      },
      onLapsed: () => this.directory.lapse(),
    });
    this.directory = new Directory({
      ...{ bus, lease: this.lease, clock, node: this.name, pass: `pass-${index}` },
      url: () => `rtmp://${this.name}`,
      askOwner: ({ node }, path) => {
        const owner = cluster.nodes.find(({ name }) => name === node)!;
        if (owner.line.isCut || this.line.isCut) return Promise.resolve(undefined);
        if (owner.yields === "yes") owner.directory.leave(path);
        return Promise.resolve(owner.yields);
      },
      onOwned: (path, lease) => void this.told.push(`+${keyOf(path)} ${lease}`),
      onFreed: (path, lease) => void this.told.push(`-${keyOf(path)} ${lease}`),
    });
    this.lease.start();
  }

  /** Claims and says what came of it once that is known. */
  claim(path: StreamKey, clock: FakeClock): { outcome: unknown } {
    const told: { outcome: unknown } = { outcome: "pending" };
    void this.directory.claim(path, clock.now() + 4 * LEASE_MS).then((refusal) => {
      told.outcome = refusal ?? "owned";
    });
    return told;
  }
}

/** Numbers that look like chance, from a seed. */
function numbers(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

const Step = fc.record({
  node: fc.nat(2),
  name: fc.nat(1),
  what: fc.constantFrom("claim", "claim", "release", "cut", "mend", "yes", "no"),
  ms: fc.nat(400),
});

test("at no instant do two nodes own a name, with lines that are cut, slow or lose what they carry", async () => {
  let owned = 0;
  const property = fc.asyncProperty(
    fc.array(Step, { minLength: 5, maxLength: 25 }),
    fc.nat(),
    async (steps, seed) => {
      const cluster = new Cluster(3, numbers(seed));
      const look = () => {
        for (const path of NAMES) {
          const owners = cluster.owners(path);
          assert.ok(owners.length <= 1, `${keyOf(path)} is owned by ${owners}`);
          owned += owners.length;
        }
      };
      await pass(cluster.clock, 200, look);
      for (const { node, name, what, ms } of steps) {
        const { directory, line } = cluster.nodes[node]!;
        const one = cluster.nodes[node]!;
        if (what === "claim") one.claim(NAMES[name]!, cluster.clock);
        else if (what === "release") directory.release(NAMES[name]!);
        else if (what === "cut") line.isCut = true;
        else if (what === "mend") line.isCut = false;
        else one.yields = what;
        await pass(cluster.clock, ms, look);
      }
      // Healed, each has what it can reach, and names are to be had again.
      for (const { line } of cluster.nodes) line.isCut = false;
      await pass(cluster.clock, 4 * LEASE_MS, look);
      for (const { told } of cluster.nodes) assertAlternating(told);
    },
  );
  await checkAsync(property, 40);
  assert.ok(owned > 1000, "names were owned");
});

/** Whoever frees a name owned it, and nobody owns one twice. */
function assertAlternating(told: readonly string[]): void {
  const held = new Set<string>();
  for (const line of told) {
    const what = line.slice(1);
    assert.equal(line.startsWith("+"), !held.has(what), told.join("; "));
    if (!held.delete(what)) held.add(what);
  }
}

const sure = () => 0.5;

test("a name goes to another node once the lease of its owner is over, and not before", async () => {
  const cluster = new Cluster(2, sure);
  const [one, two] = cluster.nodes as [Node, Node];
  const [path] = NAMES as [StreamKey];
  await pass(cluster.clock, 200);
  one.claim(path, cluster.clock);
  await pass(cluster.clock, 400);
  assert.deepEqual(cluster.owners(path), ["n0"]);
  one.line.isCut = true;
  const began = cluster.clock.now();
  two.claim(path, cluster.clock);
  let since: number | undefined;
  await pass(cluster.clock, 800, () => {
    if (two.directory.owns(path)) since ??= cluster.clock.now() - began;
  });
  assert.deepEqual(cluster.owners(path), ["n1"]);
  assert.ok(since! > LEASE_MS / 3 && since! < 3 * LEASE_MS, `${since} ms`);
  // Back again it finds who has it.
  one.line.isCut = false;
  await pass(cluster.clock, 800);
  assert.deepEqual(cluster.owners(path), ["n1"]);
  assert.deepEqual(one.lost, [keyOf(path)]);
});

test("a node that was cut off takes back what nobody else has taken", async () => {
  const cluster = new Cluster(2, sure);
  const [one] = cluster.nodes as [Node, Node];
  await pass(cluster.clock, 200);
  for (const path of NAMES) one.claim(path, cluster.clock);
  await pass(cluster.clock, 400);
  one.line.isCut = true;
  await pass(cluster.clock, 2 * LEASE_MS);
  assert.deepEqual(NAMES.flatMap((path) => cluster.owners(path)), []);
  assert.equal(one.directory.missing, true);
  one.line.isCut = false;
  await pass(cluster.clock, 3 * LEASE_MS);
  assert.deepEqual(NAMES.flatMap((path) => cluster.owners(path)), ["n0", "n0"]);
  assert.deepEqual(one.lost, []);
});

test("stores that forget everything give no name a second owner for longer than a lease", async () => {
  const cluster = new Cluster(2, sure);
  const [one, two] = cluster.nodes as [Node, Node];
  const [path] = NAMES as [StreamKey];
  await pass(cluster.clock, 200);
  one.claim(path, cluster.clock);
  await pass(cluster.clock, 400);
  cluster.leases.forget();
  cluster.names.forget();
  two.claim(path, cluster.clock);
  let both = 0;
  await pass(cluster.clock, 1500, () => {
    if (cluster.owners(path).length > 1) both += 5;
  });
  assert.ok(both <= LEASE_MS, `${both} ms`);
  assert.equal(cluster.owners(path).length, 1);
});

test("what an owner answers decides who has the name", async () => {
  const cluster = new Cluster(2, sure);
  const [one, two] = cluster.nodes as [Node, Node];
  const [path] = NAMES as [StreamKey];
  await pass(cluster.clock, 200);
  one.claim(path, cluster.clock);
  await pass(cluster.clock, 400);
  const refused = two.claim(path, cluster.clock);
  await pass(cluster.clock, 400);
  assert.equal(refused.outcome, "taken");
  assert.deepEqual(cluster.owners(path), ["n0"]);
  one.yields = "yes";
  const given = two.claim(path, cluster.clock);
  await pass(cluster.clock, 400);
  assert.equal(given.outcome, "owned");
  assert.deepEqual(cluster.owners(path), ["n1"]);
});

test("without a lease no name is given, and whoever asks is told in time", async () => {
  const cluster = new Cluster(1, sure);
  const [one] = cluster.nodes as [Node];
  one.line.isCut = true;
  const refused = one.claim(NAMES[0]!, cluster.clock);
  await pass(cluster.clock, 6 * LEASE_MS);
  assert.equal(refused.outcome, "unknown");
});

test("where the cluster cannot be asked the last known owner is named, and never this node", async () => {
  const cluster = new Cluster(2, sure);
  const [one, two] = cluster.nodes as [Node, Node];
  const [path] = NAMES as [StreamKey];
  await pass(cluster.clock, 200);
  one.claim(path, cluster.clock);
  await pass(cluster.clock, 400);
  const asked = async (node: Node) => {
    let owner: unknown = "pending";
    void node.directory.ownerOf(path).then((found) => owner = found?.node);
    await pass(cluster.clock, 400);
    return owner;
  };
  assert.equal(await asked(two), "n0");
  two.line.isCut = true;
  assert.equal(await asked(two), "n0");
  assert.equal(await asked(one), undefined);
});

test("names are keys of letters and digits, each its own", () => {
  const keys = ["live/a", "live/.>*", "a/b/c d", "ä/ö"].map((text) => {
    const slash = text.lastIndexOf("/");
    return nameKey({ app: text.slice(0, slash), name: text.slice(slash + 1) });
  });
  assert.equal(new Set(keys).size, keys.length);
  for (const key of keys) assert.match(key, /^n[0-9a-f]+$/);
});
