/**
 * What the load generator is asked to do.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { PLAYLIST, type Way, WAYS } from "./ways.ts";

/** Every number that can be set, with its default. */
export const DEFAULTS = {
  /** Port of the server, on this machine. */
  port: 1935,
  /** Publishers, each of a stream of its own. */
  publishers: 1,
  /** Players of each stream. */
  players: 100,
  /** Video of each stream (10^3 bit/s); 128 of sound come on top. */
  kbps: 2500,
  fps: 30,
  /** Pictures from one key frame to the next. */
  gop: 60,
  /** Length of the measured window. */
  seconds: 8,
  /** Time between the last player's start and the window (s). */
  warm: 3,
  /** Players that join per second before the window. */
  joinRate: 500,
  /** Players whose messages are read throughout, to learn the latency. */
  probes: 5,
  /** Players that stop reading when the window begins. */
  slow: 0,
  /** More players that join per second within the window, and leave a second after their picture. */
  joins: 0,
  /** 1 to send sound when it is due, 0 to send it together with the next picture. */
  apart: 0,
  /** Process id of the server; 0 for none. */
  pid: 0,
  /** Its port for HTTP, where viewers come by that; 0 for none. */
  httpPort: 0,
} as const;

/** What the load generator is asked to do. Numbers are those of {@link DEFAULTS}. */
export type LoadOptions = Readonly<Record<keyof typeof DEFAULTS, number>> & {
  /** The application to publish to. */
  readonly app: string;
  /** What the names of streams start with. */
  readonly name: string;
  /** How players other than the probes get the stream. */
  readonly way: Way;
  /** Path of the playlist of a stream, `NAME` for its name. */
  readonly playlist: string;
};

const HELP = `Puts load on an RTMP server on this machine and prints what became of it as JSON.

Usage: deno run -A bench/load/main.ts --port 1935 --pid SERVER_PID [--FLAG VALUE]

  --publishers N  publishers, each of a stream of its own (1)
  --players N     players of each stream (100)
  --kbps N        video of each stream; 128 kbit/s of sound come on top (2500)
  --fps N         pictures a second (30)
  --gop N         pictures from one key frame to the next (60)
  --seconds N     length of the measured window (8)
  --warm N        seconds between the last player's start and the window (3)
  --join-rate N   players that join per second before the window (500)
  --probes N      players that measure latency, among the others (5)
  --slow N        players that stop reading when the window begins (0)
  --joins N       more players per second that join within the window and soon leave (0)
  --apart 1       send sound when it is due, not together with the next picture
  --app NAME      application (live)
  --name NAME     what the names of streams start with (bench)
  --way WAY       rtmp (the default), http-flv, ws-flv, hls or ll-hls; but for the first, with --http-port N
  --playlist PATH where streams have their playlists (${PLAYLIST})
  --pid N         server whose CPU and memory count, with all it started
`;

function flagOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The command line for these options. */
export function toArguments(options: Partial<LoadOptions>): string[] {
  return Object.entries(options).flatMap(([key, value]) => [`--${flagOf(key)}`, String(value)]);
}

/** Reads a command line; answers with text when there is only something to say. */
export function readArguments(args: readonly string[]): LoadOptions | string {
  const numbers = Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[];
  const flags = [...numbers.map(flagOf), "app", "name", "way", "playlist"];
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(flags.map((flag) => [flag, { type: "string" as const }])),
      help: { type: "boolean", short: "h" },
    },
  });
  const given = values as Record<string, string | boolean | undefined>;
  if (given.help) return HELP;
  const read = (key: keyof typeof DEFAULTS): [string, number] => {
    const text = given[flagOf(key)];
    const value = text === undefined ? DEFAULTS[key] : Number(text);
    if (!(value >= 0) || text === "") throw new Error(`--${flagOf(key)} ${text} is no number`);
    return [key, value];
  };
  const way = WAYS.find((one) => one === (given.way ?? "rtmp"));
  if (way === undefined) throw new Error(`--way ${given.way}: use ${WAYS.join(", ")}`);
  return {
    ...Object.fromEntries(numbers.map(read)) as Record<keyof typeof DEFAULTS, number>,
    app: String(given.app ?? "live"),
    name: String(given.name ?? "bench"),
    way,
    playlist: String(given.playlist ?? PLAYLIST),
  };
}
