/**
 * What is measured.
 *
 * @module
 */
import type { FigureKey } from "./figures.ts";
import type { LoadOptions } from "./load/options.ts";

/** One thing to measure. */
export interface Scenario {
  readonly name: string;
  /** What happens, for people. */
  readonly text: string;
  /** What the generator does; without it, the start of the server is measured. */
  readonly load?: Partial<LoadOptions>;
  /** Sluice's `--play-latency`. */
  readonly latency: string;
  /** How long the floor holds media back (ms): as long as Sluice does here. Without it, no floor. */
  readonly floorWindowMs?: number;
  /** What to show of the results. */
  readonly figures: readonly FigureKey[];
}

const FAN_OUT: readonly FigureKey[] = [
  "cpuPerOutGB",
  "cpuPercent",
  "latencyP50",
  "latencyP99",
  "rssMB",
  "delivered",
];

const VIEWERS: readonly FigureKey[] = ["cpuPerOutGB", "cpuPercent", "rssMB", "delivered"];
/** As many of each way, none of them by RTMP. */
const CROWD = { players: 500, probes: 0 };
/** Until all have segments, of which each is as long as a GOP (s). */
const SEGMENTS_WARM = 10;

/** Sluice's own choice of latency. */
const AUTO = "auto";
/** What `auto` comes to with many players. */
const AUTO_WINDOW_MS = 25;

/** Everything that can be measured, in the order in which it is. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: "start-up",
    text: "From starting the program to its first connection, with its packages at hand",
    latency: AUTO,
    figures: ["acceptMs", "answerMs", "idleMB"],
  },
  {
    name: "fanout20",
    text: "20 players of one stream of 2.6 Mbit/s",
    load: { players: 20 },
    latency: AUTO,
    floorWindowMs: 0,
    figures: FAN_OUT,
  },
  {
    name: "fanout300",
    text: "300 players of one stream of 2.6 Mbit/s",
    load: { players: 300 },
    latency: AUTO,
    floorWindowMs: AUTO_WINDOW_MS,
    figures: FAN_OUT,
  },
  {
    name: "fanout1000",
    text: "1000 players of one stream of 2.6 Mbit/s",
    load: { players: 1000 },
    latency: AUTO,
    floorWindowMs: AUTO_WINDOW_MS,
    figures: FAN_OUT,
  },
  {
    name: "fanout1000-150ms",
    text:
      "The same with --play-latency 150; the other servers have no such setting and run as before",
    load: { players: 1000 },
    latency: "150",
    floorWindowMs: 150,
    figures: FAN_OUT,
  },
  {
    name: "fanout5000",
    text: "5000 players of one stream of 500 kbit/s",
    load: { players: 5000, kbps: 372, joinRate: 1000 },
    latency: AUTO,
    floorWindowMs: AUTO_WINDOW_MS,
    figures: FAN_OUT,
  },
  {
    name: "ingest100",
    text:
      "100 publishers of 2.6 Mbit/s each, and nobody who plays; from 12 s after they began, when the" +
      " engines have compiled what is run often",
    load: { publishers: 100, players: 0, warm: 12, seconds: 12 },
    latency: AUTO,
    figures: ["cpuPerInGB", "cpuPercent", "rssMB", "backlogMB"],
  },
  {
    name: "joins",
    text: "200 players a second join the stream of 100 others, and leave a second after their" +
      " first key frame",
    load: { players: 100, joins: 200 },
    latency: AUTO,
    figures: ["lateJoinP50", "lateJoinP99", "lateFailed", "latencyP99", "cpuPercent", "rssMB"],
  },
  {
    name: "slow",
    text: "5 of 50 players stop reading; the figures are those of the other 45",
    load: { players: 50, slow: 5, seconds: 16 },
    latency: AUTO,
    figures: ["latencyP50", "latencyP99", "delivered", "slowClosed", "rssBeforeMB", "rssMB"],
  },
  {
    name: "rtmp500",
    text: "500 players of one stream of 2.6 Mbit/s by RTMP, for the ways below",
    load: CROWD,
    latency: AUTO,
    figures: VIEWERS,
  },
  {
    name: "flv500",
    text: "500 viewers of the same by HTTP-FLV",
    load: { ...CROWD, way: "http-flv" },
    latency: AUTO,
    figures: VIEWERS,
  },
  {
    name: "ws500",
    text: "500 viewers of the same by FLV over WebSockets",
    load: { ...CROWD, way: "ws-flv" },
    latency: AUTO,
    figures: VIEWERS,
  },
  {
    name: "ll-hls500",
    text:
      "500 viewers of the same by LL-HLS: a request that blocks, and one for the part, each time",
    load: { ...CROWD, way: "ll-hls", warm: SEGMENTS_WARM },
    latency: AUTO,
    figures: VIEWERS,
  },
  {
    name: "hls500",
    text:
      "500 viewers of the same by HLS in whole segments, two playlists a second each; of nginx" +
      " in MPEG-TS and from files",
    load: { ...CROWD, way: "hls", warm: SEGMENTS_WARM, seconds: 12 },
    latency: AUTO,
    figures: VIEWERS,
  },
];
