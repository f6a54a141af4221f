/**
 * `/metrics`: the server as Prometheus reads it.
 *
 * Names of streams come from outside, so only so many of them become labels: those that are there longest.
 * What the others measure is one more stream, which is called `(other)` and cannot be a stream's name.
 *
 * @module
 */
import type { Slices } from "../slices.ts";
import type { ServerView, StreamMeasure, Totals } from "../view.ts";
import { familyHead, type Labels, type Sample, sampleLine } from "./exposition.ts";

/** How the rest of the streams is called, and its application. */
export const OTHER = "(other)";

/** A metric that each stream has. */
interface StreamMetric {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  of(measure: StreamMeasure): number;
}

const STREAM_METRICS: readonly StreamMetric[] = [
  {
    name: "sluice_stream_received_bytes_total",
    type: "counter",
    help: "Media bytes received from the publishers of a stream.",
    of: ({ bytesIn }) => bytesIn,
  },
  {
    name: "sluice_stream_sent_bytes_total",
    type: "counter",
    help: "Media bytes sent to the players of a stream.",
    of: ({ bytesOut }) => bytesOut,
  },
  {
    name: "sluice_stream_dropped_frames_total",
    type: "counter",
    help: "Frames of a stream that were not sent to players that were too slow.",
    of: ({ droppedFrames }) => droppedFrames,
  },
  {
    name: "sluice_stream_publishers",
    type: "gauge",
    help: "Publishers of a stream: 0 while players wait for one.",
    of: ({ published }) => published ? 1 : 0,
  },
  {
    name: "sluice_stream_players",
    type: "gauge",
    help: "Players of a stream.",
    of: ({ players }) => players,
  },
  {
    name: "sluice_stream_video_bytes_per_second",
    type: "gauge",
    help: "Bytes of pictures that come in a second, as measured over the last seconds.",
    of: ({ videoBitrate }) => videoBitrate / 8,
  },
  {
    name: "sluice_stream_audio_bytes_per_second",
    type: "gauge",
    help: "Bytes of sound that come in a second, as measured over the last seconds.",
    of: ({ audioBitrate }) => audioBitrate / 8,
  },
  {
    name: "sluice_stream_video_frames_per_second",
    type: "gauge",
    help: "Pictures that come in a second, as measured over the last seconds.",
    of: ({ frameRate }) => frameRate,
  },
];

const COUNTERS = STREAM_METRICS.filter(({ type }) => type === "counter");

/** What the rest counted when it was last looked at, by stream. */
interface Seen {
  readonly values: readonly number[];
  /** The scrape that saw it. */
  scrape: number;
}

/** The metrics of one server. */
export class Metrics {
  readonly #server: ServerView;
  readonly #slices: Slices;
  readonly #maxStreams: number;
  /** What the rest has counted: only ever more, whoever belongs to it. */
  readonly #rest: number[] = COUNTERS.map(() => 0);
  readonly #seen = new Map<string, Seen>();
  #scrape = 0;
  /** One for all who ask meanwhile. */
  #making: Promise<string[]> | undefined;

  /** `maxStreams` of them have labels of their own. */
  constructor(server: ServerView, slices: Slices, maxStreams: number) {
    this.#server = server;
    this.#slices = slices;
    this.#maxStreams = maxStreams;
  }

  /** The text, in pieces. */
  text(): Promise<string[]> {
    return this.#making ??= this.#make().finally(() => this.#making = undefined);
  }

  async #make(): Promise<string[]> {
    const labelled: StreamMeasure[] = [];
    const gauges = STREAM_METRICS.map(() => 0);
    let [others, published] = [0, 0];
    this.#scrape++;
    await this.#slices.each(this.#server.measures(), (measure) => {
      if (measure.published) published++;
      if (labelled.length < this.#maxStreams) return void labelled.push(measure);
      others++;
      STREAM_METRICS.forEach((metric, index) => gauges[index]! += metric.of(measure));
      this.#countRest(measure);
    });
    // Those that were in the rest may end, or have labels of their own now.
    await this.#slices.each(this.#seen, ([key, { scrape }]) => {
      if (scrape !== this.#scrape) this.#seen.delete(key);
    });
    const sessions = new Map<string, number>();
    await this.#slices.each(this.#server.protocols(), (protocol) => {
      sessions.set(protocol, (sessions.get(protocol) ?? 0) + 1);
    });
    const totals = await this.#slices.run(this.#server.totals());
    const pieces = this.#serverPieces(published, sessions, totals);
    await this.#slices.each(this.#streamPieces(labelled, gauges, others > 0), (piece) => {
      pieces.push(piece);
    });
    return pieces;
  }

  #countRest(measure: StreamMeasure): void {
    const key = JSON.stringify([measure.app, measure.name]);
    const before = this.#seen.get(key)?.values;
    const values = COUNTERS.map((metric) => metric.of(measure));
    values.forEach((value, index) => {
      const last = before?.[index] ?? 0;
      // Less than before is another stream of that name.
      this.#rest[index]! += value >= last ? value - last : value;
    });
    this.#seen.set(key, { values, scrape: this.#scrape });
  }

  #serverPieces(
    published: number,
    sessions: ReadonlyMap<string, number>,
    totals: Totals,
  ): string[] {
    const health = this.#server.health();
    const pieces: string[] = [];
    const add = (
      name: string,
      type: "counter" | "gauge",
      help: string,
      ...samples: readonly Sample[]
    ) => {
      if (samples.length === 0) return;
      pieces.push(
        familyHead(name, type, help) +
          samples.map(([labels, value]) => sampleLine(name, labels, value)).join(""),
      );
    };
    add("sluice_build_info", "gauge", "What runs here; always 1.", [
      [["version", health.version], ["runtime", health.runtime]],
      1,
    ]);
    add("sluice_uptime_seconds", "gauge", "How long the server runs.", [
      [],
      health.uptimeMs / 1000,
    ]);
    const states = ["ok", "degraded", "draining"] as const;
    add(
      "sluice_health",
      "gauge",
      "1 at the state that the server is in.",
      ...states.map((state): Sample => [[["state", state]], state === health.status ? 1 : 0]),
    );
    add("sluice_streams", "gauge", "Streams that are published.", [[], published]);
    add(
      "sluice_sessions",
      "gauge",
      "Clients that are connected, by what they speak.",
      ...(sessions.size === 0 ? [["rtmp", 0] as const] : [...sessions].sort()).map(
        ([protocol, count]): Sample => [[["protocol", protocol]], count],
      ),
    );
    add("sluice_streams_begun_total", "counter", "Streams that began to be published.", [
      [],
      totals.streams,
    ]);
    add("sluice_received_bytes_total", "counter", "Media bytes received from publishers.", [
      [],
      totals.bytesIn,
    ]);
    add("sluice_sent_bytes_total", "counter", "Media bytes sent to players.", [
      [],
      totals.bytesOut,
    ]);
    add(
      "sluice_dropped_frames_total",
      "counter",
      "Frames that were not sent to players that were too slow.",
      [[], totals.droppedFrames],
    );
    add("sluice_media_memory_bytes", "gauge", "Memory that the media of all streams takes.", [
      [],
      health.mediaMemory.used,
    ]);
    add("sluice_media_memory_limit_bytes", "gauge", "Memory that it may take.", [
      [],
      health.mediaMemory.limit,
    ]);
    if (health.cluster !== undefined) {
      const { connected, streams, nodes } = health.cluster;
      add(
        "sluice_cluster_connected",
        "gauge",
        "Whether this node is in touch with its cluster.",
        [[], connected ? 1 : 0],
      );
      add("sluice_cluster_nodes", "gauge", "Nodes heard of lately, with this one.", [
        [],
        nodes.length,
      ]);
      add("sluice_cluster_names", "gauge", "Names of streams that this node owns.", [[], streams]);
    }
    add(
      "sluice_faults_total",
      "counter",
      "What went wrong inside the server, by the part that it was contained in.",
      ...health.faults.map(({ subsystem, plugin = "", count }): Sample => [
        [["subsystem", subsystem], ["plugin", plugin]],
        count,
      ]),
    );
    const ofPlugin = (name: string): Labels => [["plugin", name]];
    add(
      "sluice_plugin_faults_total",
      "counter",
      "Hooks of a plugin that failed.",
      ...health.plugins.map(({ name, faults }): Sample => [ofPlugin(name), faults]),
    );
    add(
      "sluice_plugin_pending_hooks",
      "gauge",
      "Hooks of a plugin whose answer is waited for.",
      ...health.plugins.map(({ name, pending }): Sample => [ofPlugin(name), pending]),
    );
    add("sluice_relays", "gauge", "Targets and sources of relays.", ...this.#relays());
    return pieces;
  }

  #relays(): Sample[] {
    const counts = new Map<string, number>();
    // There are at most `relay.maxTargets` of them, and as many sources.
    for (const { direction, state } of this.#server.listRelays(ALL).items) {
      const key = `${direction} ${state}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return [...counts].sort().map(([key, count]) => {
      const [direction, state] = key.split(" ") as [string, string];
      return [[["direction", direction], ["state", state]], count];
    });
  }

  *#streamPieces(
    labelled: readonly StreamMeasure[],
    gauges: readonly number[],
    others: boolean,
  ): Iterable<string> {
    for (const [index, { name, type, help, of }] of STREAM_METRICS.entries()) {
      const counter = COUNTERS.findIndex((metric) => metric.name === name);
      const rest = type === "counter" ? this.#rest[counter]! : gauges[index]!;
      const hasRest = others || (type === "counter" && rest > 0);
      if (labelled.length === 0 && !hasRest) continue;
      yield familyHead(name, type, help);
      for (const measure of labelled) {
        yield sampleLine(name, [["app", measure.app], ["stream", measure.name]], of(measure));
      }
      if (hasRest) yield sampleLine(name, [["app", OTHER], ["stream", OTHER]], rest);
    }
  }
}

const ALL = { limit: Infinity, offset: 0 };
