/**
 * Every setting of Sluice, once. Flags, environment names, file keys, the help, the table in the
 * documents, defaults and checks are all derived from this schema.
 *
 * @module
 */
import * as v from "valibot";
import { isHost } from "./host.ts";
import { choice, integer, meta, MiB } from "./setting.ts";
import { streamSettings } from "./stream_settings.ts";

/** The schema of the configuration. */
export const schema = v.strictObject({
  host: v.optional(
    v.pipe(
      v.string(),
      v.check(isHost),
      meta({
        group: "Listening",
        text: "Address that both servers listen on. 0.0.0.0 or :: is every address of the machine.",
        expected: "an IP address or a host name, without port or brackets",
        placeholder: "ADDRESS",
      }),
    ),
    "127.0.0.1",
  ),
  rtmpPort: integer(1935, 0, 65535, {
    group: "Listening",
    text: "Port of the RTMP server; 0 takes any free port.",
    placeholder: "PORT",
  }),
  httpPort: integer(8080, 0, 65535, {
    group: "Listening",
    text: "Port of the HTTP control API; 0 takes any free port.",
    placeholder: "PORT",
  }),

  plugins: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.nonEmpty())),
      v.maxLength(100),
      meta({
        group: "Access",
        flag: "plugin",
        text:
          "Plugin modules to load, in this order; paths are relative to the working directory." +
          " Repeat the flag for more than one; separate them with commas in the environment.",
        expected: "a list of at most 100 paths, none of them empty",
        placeholder: "PATH",
      }),
    ),
    (): string[] => [],
  ),
  allowAnonymous: v.optional(
    v.pipe(
      v.boolean(),
      meta({
        group: "Access",
        text:
          "Let anybody who reaches the server publish, even where no plugin decides who may and" +
          " the server listens beyond this machine.",
      }),
    ),
    false,
  ),
  apiToken: v.optional(v.pipe(
    v.string(),
    v.minLength(16),
    v.maxLength(1024),
    v.regex(/^[\x21-\x7e]+$/),
    meta({
      group: "Access",
      text:
        "Bearer token that every request to the control API must carry. Without one the API answers" +
        " this machine only. Prefer the environment: flags are visible in the process list.",
      expected: "16 to 1024 ASCII characters without spaces",
      placeholder: "TOKEN",
      secret: true,
    }),
  )),

  ...streamSettings,

  chunkSize: integer(65_536, 128, 65_536, {
    group: "Protocol",
    unit: "bytes",
    text: "Size of the chunks that Sluice sends.",
  }),
  windowAckSize: integer(2_500_000, 1000, 2_147_483_647, {
    group: "Protocol",
    unit: "bytes",
    text: "Bytes after which a peer is asked to acknowledge what it received.",
  }),
  typeThreeDelta: choice("timestamp", ["timestamp", "zero"], {
    group: "Protocol",
    text:
      "What a chunk of type 3 adds to the time when it starts a message right after one of type" +
      " 0: that one's timestamp, as the specification says, or zero, as some encoders mean it.",
  }),
  handshakeTimeoutMs: integer(5000, 100, 600_000, {
    group: "Protocol",
    unit: "ms",
    text: "Longest time from accepting a connection to the end of its handshake.",
  }),
  connectTimeoutMs: integer(5000, 100, 600_000, {
    group: "Protocol",
    unit: "ms",
    text: "Longest time from the handshake to the connect command.",
  }),
  requestTimeoutMs: integer(10_000, 100, 600_000, {
    group: "Protocol",
    unit: "ms",
    text: "Longest time from the connect command to the first publish or play that is let in.",
  }),
  idleTimeoutMs: integer(60_000, 100, 86_400_000, {
    group: "Protocol",
    unit: "ms",
    text: "Longest time that a connection may neither publish nor play after it did.",
  }),
  pingIntervalMs: integer(30_000, 100, 3_600_000, {
    group: "Protocol",
    unit: "ms",
    text: "Time between two pings of a connection.",
  }),
  publishStartMs: integer(20_000, 100, 3_600_000, {
    group: "Protocol",
    unit: "ms",
    text: "Longest time from a publish that was let in to its first audio, video or data message.",
  }),
  publishIdleMs: integer(10_000, 100, 3_600_000, {
    group: "Protocol",
    unit: "ms",
    text: "A publisher that sends no audio, video or data message for this long is disconnected," +
      " whatever else it sends.",
  }),
  publishProbeMs: integer(2000, 0, 60_000, {
    group: "Protocol",
    unit: "ms",
    text: "With publishPolicy `reject`: how long the publisher of a live name has for a sign of" +
      " life when another wants the name, which else goes to the other; 0 refuses without asking.",
  }),

  maxConnections: integer(10_000, 1, 1_000_000, {
    group: "Limits",
    text: "RTMP connections at once.",
  }),
  maxConnectionsPerAddress: integer(200, 1, 1_000_000, {
    group: "Limits",
    text: "RTMP connections at once of one IPv4 address, or of one IPv6 network of 64 bits.",
  }),
  limitLoopback: v.optional(
    v.pipe(
      v.boolean(),
      meta({
        group: "Limits",
        text: "Limit the connections of this machine by address too.",
      }),
    ),
    false,
  ),
  maxPendingConnections: integer(1024, 1, 1_000_000, {
    group: "Limits",
    text:
      "RTMP connections at once that were not let publish or play yet. Over this, the one that" +
      " has been silent the longest makes room for the newest.",
  }),
  maxStreams: integer(10_000, 1, 1_000_000, {
    group: "Limits",
    text: "Stream names alive at once.",
  }),
  maxStreamsPerConnection: integer(16, 1, 1024, {
    group: "Limits",
    text: "Message streams (NetStreams) of one connection.",
  }),
  maxMessageBytes: integer(8 * MiB, 65_536, 16_777_215, {
    group: "Limits",
    unit: "bytes",
    text: "Largest audio, video or aggregate message.",
  }),
  maxAudioBytes: integer(MiB, 4096, 16_777_215, {
    group: "Limits",
    unit: "bytes",
    text: "Largest audio message, where `maxMessageBytes` is not less.",
  }),
  maxCommandBytes: integer(MiB, 65_536, MiB, {
    group: "Limits",
    unit: "bytes",
    text: "Largest command or data message.",
  }),
  maxEarlyMessageBytes: integer(65_536, 4096, 16_777_215, {
    group: "Limits",
    unit: "bytes",
    text: "Largest message of any kind from a client that may not publish yet, or never asks to.",
  }),
  maxChunkStreams: integer(32, 8, 65_597, {
    group: "Limits",
    text: "Chunk stream ids that one connection may use.",
  }),
  maxUnfinishedMessages: integer(8, 2, 1024, {
    group: "Limits",
    text: "Messages of one connection that may be under way at once, each on its chunk stream.",
  }),
  maxAssemblyBytes: integer(16 * MiB, 65_536, 1024 * MiB, {
    group: "Limits",
    unit: "bytes",
    text: "Memory for the unfinished messages of one connection.",
  }),
  maxTotalAssemblyBytes: integer(256 * MiB, MiB, 65_536 * MiB, {
    group: "Limits",
    unit: "bytes",
    text:
      "The same of all connections together, with bytes that wait for a plugin's decision. Over it" +
      " the one that holds most is closed; those not let in yet share an eighth of it.",
  }),
  minChunkSize: integer(128, 1, 128, {
    group: "Limits",
    unit: "bytes",
    text:
      "Smallest chunk size a client may set. 1 is for odd clients: it costs time for each byte.",
  }),
  maxAmfDepth: integer(16, 4, 256, {
    group: "Limits",
    text: "Objects and arrays inside each other in a command.",
  }),
  maxAmfValues: integer(2048, 64, 1_000_000, {
    group: "Limits",
    text: "Values in a command, all told.",
  }),
  maxAmfStringBytes: integer(16_384, 1024, MiB, {
    group: "Limits",
    unit: "bytes",
    text: "Longest string in a command.",
  }),
  maxAmfBytes: integer(65_536, 4096, MiB, {
    group: "Limits",
    unit: "bytes",
    text: "Longest command that is decoded; of a longer one only the name is read.",
  }),
  maxMessagesPerSecond: integer(20_000, 100, 1_000_000_000, {
    group: "Limits",
    text:
      "Messages of one client that are read in a second; a command counts as 20 or more. Who sends" +
      " more is read more slowly.",
  }),
  hookTimeoutMs: integer(5000, 10, 600_000, {
    group: "Limits",
    unit: "ms",
    text: "Longest time a plugin may take to decide; after it the answer is no.",
  }),
  maxPendingHooks: integer(1000, 1, 1_000_000, {
    group: "Limits",
    text: "Answers of one plugin that are awaited at once, of hooks that decide; over it the " +
      "answer is no. As many calls of clients wait beside them.",
  }),
  hookFaultLimit: integer(3, 1, 1000, {
    group: "Limits",
    text: "Faults of a hook in a row after which /health calls its plugin unhealthy.",
  }),
  apiBodyBytes: integer(MiB, 1024, 16 * MiB, {
    group: "Limits",
    unit: "bytes",
    text: "Largest body of a request to the control API.",
  }),
  apiBodyMs: integer(10_000, 100, 600_000, {
    group: "Limits",
    unit: "ms",
    text: "Longest time in which the body of such a request must arrive.",
  }),
  apiHeaderMs: integer(10_000, 100, 600_000, {
    group: "Limits",
    unit: "ms",
    text:
      "Longest time in which the header of an HTTP request must arrive, and an idle connection is kept.",
  }),
  maxApiConnections: integer(1000, 1, 100_000, {
    group: "Limits",
    text: "HTTP connections at once. Over it the one idle longest is closed for a new one.",
  }),
  maxPendingCalls: integer(16, 1, 1000, {
    group: "Limits",
    text: "Remote calls of one connection that wait for an answer, in each direction.",
  }),
  callTimeoutMs: integer(5000, 10, 600_000, {
    group: "Limits",
    unit: "ms",
    text: "Longest time that a client may take to answer a remote call of the server.",
  }),
  drainMs: integer(10_000, 0, 3_600_000, {
    group: "Limits",
    unit: "ms",
    text: "Longest time to serve clients that were asked to reconnect when the server is asked to" +
      " stop. Nothing is waited for when no client follows such a request; few do.",
  }),
  shutdownMs: integer(5000, 0, 600_000, {
    group: "Limits",
    unit: "ms",
    text: "Longest time to send what is queued when the server is asked to stop.",
  }),

  logLevel: choice("info", ["trace", "debug", "info", "warning", "error"], {
    group: "Logging",
    text: "Least severe level to log.",
  }),
  logFormat: choice("pretty", ["pretty", "json"], {
    group: "Logging",
    text: "One line for people, or one JSON object a line.",
  }),
  logLinesPerSecond: integer(100, 0, 1_000_000, {
    group: "Logging",
    text:
      "Lines a second that one cause, such as a refused publish, may log; the rest are counted" +
      " and told in one line. 0 is no limit.",
  }),
});

/** A complete, checked configuration. Times are milliseconds, sizes are bytes. */
export type Config = Readonly<v.InferOutput<typeof schema>>;

/** Name of a setting, as in a configuration file. */
export type ConfigKey = keyof Config;

/** The configuration of a server that was told nothing. */
export const defaults: Config = Object.freeze(v.parse(schema, {}));
