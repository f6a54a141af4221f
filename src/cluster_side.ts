/**
 * The node of a cluster that a server is, where it is one: connected by NATS.
 *
 * @module
 */
import type { Config } from "./config/mod.ts";
import { hex } from "./core/bytes/hex.ts";
import type { Faults } from "./faults.ts";
import type { Hub } from "./hub/mod.ts";
import { loggerOf } from "./log/log.ts";
import { NatsBus } from "./nats/bus.ts";
import type { Clock, Runtime } from "./ports.ts";
import { ClusterService } from "./service/cluster/mod.ts";
import type { RecordService } from "./service/record/mod.ts";
import type { RelayService } from "./service/relay/mod.ts";
import type { RtmpService } from "./service/rtmp/mod.ts";
import { clusterSettings } from "./settings_of.ts";

/** What a node is made of. */
export interface ClusterSideOptions {
  readonly config: Config;
  readonly hub: Hub;
  readonly faults: Faults;
  readonly runtime: Pick<Runtime, "randomBytes">;
  /** The clock of the machine: leases run out while the process is stopped, too. */
  readonly clock: Clock;
  /** The port of RTMP, once it is open. */
  port(): number;
  /** Made later. */
  relay(): RelayService;
  rtmp(): RtmpService;
  readonly recorder: RecordService | undefined;
}

/** The node. */
export function clusterOf(options: ClusterSideOptions): ClusterService {
  const { config, runtime, recorder } = options;
  const { url: urls, name: prefix, address, leaseMs, replicas } = config.cluster;
  const node = config.cluster.node ?? `node-${hex(runtime.randomBytes(4))}`;
  const log = loggerOf("cluster");
  const bus = new NatsBus({
    ...{ urls, prefix, node, leaseMs, replicas },
    onState: (connected, problem) => {
      if (problem !== undefined) log.warn("NATS cannot be used", { node, problem });
      else if (connected) log.info("NATS is connected", { node });
      else log.warn("NATS is not connected", { node });
    },
  });
  return new ClusterService({
    ...options,
    config: clusterSettings(config),
    node,
    bus,
    url: () => address ?? `rtmp://${hostOf(config.host, bus.ownAddress)}:${options.port()}`,
    relays: () => options.relay(),
    onOwn: (stream) => {
      options.relay().onLive(stream);
      recorder?.onLive(stream);
    },
    onForeign: (stream) => {
      options.relay().onEnded(stream);
      recorder?.onEnded(stream, "unpublished");
    },
    probe: (sessionId) => options.rtmp().probe(sessionId),
  });
}

/** Where a machine is reached that listens at `host`. */
function hostOf(host: string, seen = "127.0.0.1"): string {
  const name = host === "0.0.0.0" || host === "::" ? seen : host;
  return name.includes(":") && !name.startsWith("[") ? `[${name}]` : name;
}
