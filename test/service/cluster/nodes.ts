/** Nodes of a cluster on hubs of their own, in one process and on a clock that stands still. */
import assert from "node:assert/strict";
import { Faults } from "../../../src/faults.ts";
import { Hub, type Publisher, type StreamKey } from "../../../src/hub/mod.ts";
import { ClusterService } from "../../../src/service/cluster/mod.ts";
import { CollectingSink, Observer, plainEncoder } from "../../hub/support.ts";
import { FakeClock } from "../../support/clock.ts";
import { SETTINGS, settle } from "../../support/rtmp_service.ts";
import { Net } from "./net.ts";

export const CAM = { app: "live", name: "cam" };
export const LEASE_MS = 1200;
/** What a publisher is told of a name that somebody has. */
export const TAKEN = "The stream is already being published.";

/** The cluster. */
export class Cluster {
  readonly clock = new FakeClock();
  readonly net = new Net(this.clock, LEASE_MS);
  readonly nodes: Node[] = [];

  async node(
    name: string,
    config: Partial<{ publishPolicy: "replace" | "reject"; probeMs: number }> = {},
  ): Promise<Node> {
    const node = new Node(this, name, config);
    this.nodes.push(node);
    node.service.start();
    await this.pass(0);
    return node;
  }

  async pass(ms: number): Promise<void> {
    await settle();
    for (let left = ms; left > 0; left -= 10) {
      this.clock.advance(Math.min(10, left));
      await settle();
    }
    await settle();
  }
}

/** One node, and what it was told to do. */
export class Node {
  readonly name: string;
  readonly hub: Hub;
  readonly faults: Faults;
  readonly service: ClusterService;
  /** What its relays were told, and what came of streams. */
  readonly did: string[] = [];
  readonly revoked: string[] = [];
  /** What a publisher that is asked for a sign of life does. */
  probe: (sessionId: string) => Promise<void> | undefined = () => undefined;
  onMoved = () => {};
  readonly #cluster: Cluster;

  constructor(cluster: Cluster, name: string, config: object) {
    this.#cluster = cluster;
    this.name = name;
    const { clock } = cluster;
    const index = cluster.nodes.length + 1;
    this.faults = new Faults(() => clock.wall());
    this.hub = new Hub({
      clock,
      streams: SETTINGS,
      pacing: SETTINGS.pacing,
      onFault: (error) => assert.fail(String(error)),
    });
    this.hub.start();
    const say = (what: string) => ({ app, name }: StreamKey) =>
      void this.did.push(`${what} ${app}/${name}`);
    this.service = new ClusterService({
      config: { leaseMs: LEASE_MS, publishPolicy: "replace", probeMs: 300, ...config },
      ...{ hub: this.hub, faults: this.faults, bus: cluster.net.bus(name), clock, node: name },
      runtime: { randomBytes: (length) => new Uint8Array(length).fill(16 * index + length % 16) },
      url: () => `rtmp://${name}:1935//`,
      relays: () => ({
        moved: (path) => {
          say("moved")(path);
          this.onMoved();
        },
        giveWay: say("gave way"),
        isPulled: (sessionId) => sessionId.startsWith("pull"),
      }),
      onOwn: say("own"),
      onForeign: say("foreign"),
      probe: (sessionId) => this.probe(sessionId),
    });
  }

  /** Asks for a name; `answers` has what came of it. */
  claim(path: StreamKey = CAM, then = () => {}): (string | undefined)[] {
    const answers: (string | undefined)[] = [];
    const info = { sessionId: "s", address: "", client: "", since: 0 };
    this.hub.claim(path, info, this.#cluster.clock.now(), (reason) => {
      answers.push(reason);
      then();
    });
    return answers;
  }

  publish(path: StreamKey = CAM, sessionId = `s-${this.name}`): Publisher {
    const info = { sessionId, address: "", client: "", since: 0 };
    const onRevoked = (reason: string) => void this.revoked.push(reason);
    const now = this.#cluster.clock.now();
    const publisher = this.hub.registry.publish(path, info, { onRevoked }, now);
    assert.ok(typeof publisher !== "string", String(publisher));
    return publisher;
  }

  /** Is given a name, and publishes it. */
  async begin(path: StreamKey = CAM): Promise<Publisher> {
    const answers = this.claim(path);
    await this.#cluster.pass(0);
    assert.deepEqual(answers, [undefined]);
    const publisher = this.publish(path);
    await this.#cluster.pass(0);
    return publisher;
  }

  end(publisher: Publisher): void {
    this.hub.registry.unpublish(publisher, this.#cluster.clock.now());
  }

  /** Somebody watches it, or waits for it. */
  watch(path: StreamKey = CAM): void {
    const player = this.hub.registry.play(
      ...[path, plainEncoder, new CollectingSink(), new Observer()] as const,
      this.#cluster.clock.now(),
    );
    assert.ok(typeof player !== "string", String(player));
  }

  takeDone(): string[] {
    return this.did.splice(0);
  }
}
