/**
 * The sections of the settings, for people.
 *
 * Written by `tools/config_table.ts` out of the schema: change that, then run it.
 *
 * @module
 */

/** RTMP: the section `rtmp`. Times are milliseconds, sizes are bytes. */
export interface RtmpConfig {
  /**
   * Port of the RTMP server; 0 takes any free port. (a whole number from 0 to 65535; default 1935)
   */
  readonly port: number;
  /**
   * Size of the chunks that Sluice sends. (a whole number of bytes from 128 to 65536; default 65536
   * (64 KiB))
   */
  readonly chunkSize: number;
  /**
   * What a chunk of type 3 adds to the time when it starts a message right after one of type 0:
   * that one's timestamp, as the specification says, or zero, as some encoders mean it. (one of
   * timestamp, zero; default timestamp)
   */
  readonly typeThreeDelta: "timestamp" | "zero";
  /**
   * Longest time for each step of a client: from accepting its connection to the end of the
   * handshake, and from there to the connect command. From there to the first publish or play that
   * is let in it has twice this. (a whole number of milliseconds from 100 to 600000; default 5000)
   */
  readonly timeoutMs: number;
  /**
   * Longest time that a connection may neither publish nor play after it did. (a whole number of
   * milliseconds from 100 to 86400000; default 60000)
   */
  readonly idleTimeoutMs: number;
  /**
   * Time between two pings of a connection. (a whole number of milliseconds from 100 to 3600000;
   * default 30000)
   */
  readonly pingIntervalMs: number;
}

/** HTTP: the section `http`. Times are milliseconds, sizes are bytes. */
export interface HttpConfig {
  /**
   * Port of the HTTP server, which has the control API and FLV; 0 takes any free port. (a whole
   * number from 0 to 65535; default 8080)
   */
  readonly port: number;
  /**
   * Longest time in which the header of a request must arrive, and then its body; an idle
   * connection is kept as long. (a whole number of milliseconds from 100 to 600000; default 10000)
   */
  readonly timeoutMs: number;
  /**
   * HTTP connections at once. Over it the one idle longest is closed for a new one. (a whole number
   * from 1 to 100000; default 1000)
   */
  readonly maxConnections: number;
  /**
   * Web pages that may play over HTTP, by their origins (CORS): `https://example.com`,
   * `https://*.example.com` for every name below it, `*` for all; none but the server's own with an
   * empty list. The control API is for no other page, whatever this says. (a list of at most 100
   * origins such as https://example.com, or *; default *)
   */
  readonly mediaOrigins: readonly string[];
}

/** Control API: the section `api`. Times are milliseconds, sizes are bytes. */
export interface ApiConfig {
  /**
   * Bearer token that every request to the control API must carry. Without one the API answers this
   * machine only. Prefer the environment: flags are visible in the process list. (16 to 1024 ASCII
   * characters without spaces; default none)
   */
  readonly token?: string;
}

/** Dashboard: the section `dashboard`. Times are milliseconds, sizes are bytes. */
export interface DashboardConfig {
  /**
   * The dashboard, a page at `/` that shows streams and sessions, and plays. What it shows it asks
   * the control API for, so it is for whoever may use that. (true or false; default true)
   */
  readonly enabled: boolean;
}

/** Player page: the section `player`. Times are milliseconds, sizes are bytes. */
export interface PlayerConfig {
  /**
   * A page for each stream that plays it, at the path of the stream. (true or false; default true)
   */
  readonly enabled: boolean;
  /**
   * Sites that may show the player in a frame of theirs, such as `https://example.org` or
   * `https://*.example.org`; `self` is this server, and `*` every site. Without any, none may.
   * Repeat the flag for more than one; separate them with commas in the environment. (a list of at
   * most 100 origins, self or *; default none)
   */
  readonly frames: readonly string[];
}

/** Publishers: the section `publish`. Times are milliseconds, sizes are bytes. */
export interface PublishConfig {
  /**
   * What happens to a second publisher of a live name: it takes over, or it is refused. Two
   * encoders that are set to one name and come back by themselves take it from each other for ever
   * under `replace`: the log says so once. (one of replace, reject; default replace)
   */
  readonly policy: "replace" | "reject";
  /**
   * Longest time from a publish that was let in to its first audio, video or data message. (a whole
   * number of milliseconds from 100 to 3600000; default 20000)
   */
  readonly startMs: number;
  /**
   * A publisher that sends no audio, video or data message for this long is disconnected, whatever
   * else it sends. (a whole number of milliseconds from 100 to 3600000; default 10000)
   */
  readonly idleMs: number;
  /**
   * With the policy `reject`: how long the publisher of a live name has for a sign of life when
   * another wants the name, which else goes to the other; 0 refuses without asking. (a whole number
   * of milliseconds from 0 to 60000; default 2000)
   */
  readonly probeMs: number;
}

/** Coming back: the section `reconnect`. Times are milliseconds, sizes are bytes. */
export interface ReconnectConfig {
  /**
   * How long players are kept after the connection of their publisher was lost, for it to come
   * back; 0 ends them at once, as a publisher does that says goodbye. (a whole number of
   * milliseconds from 0 to 3600000; default 10000)
   */
  readonly windowMs: number;
  /**
   * Where clients that follow a Reconnect Request go when this server stops or the control API
   * sends them; without it they come here again. (a URL of RTMP such as rtmp://other.example/live,
   * or //other.example/live, or /live; default none)
   */
  readonly url?: string;
}

/** Players: the section `play`. Times are milliseconds, sizes are bytes. */
export interface PlayConfig {
  /**
   * How long a player waits for a publisher that is not there yet; 0 answers
   * NetStream.Play.StreamNotFound at once. (a whole number of milliseconds from 0 to 3600000;
   * default 10000)
   */
  readonly waitMs: number;
  /**
   * How long media may be held back to send more of it with one write: `lowest` never, a number
   * always that many milliseconds. `auto` not until there are many players, then pictures for 25 ms
   * at most, and sound until the next one, 45 ms at most; with over 500 players of a stream each
   * half of them in turn waits for the next picture, where that comes within 35 ms; up to 4 times
   * as long where one core cannot serve so many players so often, some 4000 or more. (lowest, auto,
   * or a whole number of milliseconds from 0 to 1000; default auto)
   */
  readonly latency: string;
  /**
   * Media waiting for one player. Over this, the player skips ahead to the next key frame. (a whole
   * number of bytes from 65536 to 1073741824; default 8388608 (8 MiB))
   */
  readonly queueBytes: number;
  /** The same bound in time. (a whole number of milliseconds from 100 to 600000; default 5000) */
  readonly queueMs: number;
  /**
   * A player that goes over either bound this often within a minute, having taken something in
   * between, is disconnected; 0 lets it skip for ever. (a whole number from 0 to 1000; default 3)
   */
  readonly overflows: number;
  /**
   * A player that accepts no byte for this long is disconnected. (a whole number of milliseconds
   * from 100 to 600000; default 10000)
   */
  readonly stallMs: number;
}

/** GOP cache: the section `gopCache`. Times are milliseconds, sizes are bytes. */
export interface GopCacheConfig {
  /**
   * Media of one stream kept since the last key frame, so that players start at once; 0 keeps none.
   * (a whole number of bytes from 0 to 1073741824; default 33554432 (32 MiB))
   */
  readonly bytes: number;
  /**
   * The same bound in audio and video messages; 0 keeps none. (a whole number from 0 to 1000000;
   * default 2500)
   */
  readonly frames: number;
  /**
   * The same bound in time, for what is more than a quarter of the bound in bytes; 0 keeps none.
   * x264 by default makes a key frame every 250 frames, which is 10.4 s at 24 frames per second, so
   * 30 s also holds slower sources. (a whole number of milliseconds from 0 to 600000; default
   * 30000)
   */
  readonly ms: number;
}

/** HLS: the section `hls`. Times are milliseconds, sizes are bytes. */
export interface HlsConfig {
  /**
   * When streams are served by HLS, at `/{app}/{name}/index.m3u8`: `watched` makes segments of a
   * stream while somebody watches, and costs nothing else; `always` from its beginning. (one of
   * off, watched, always; default watched)
   */
  readonly mode: "off" | "watched" | "always";
  /**
   * What segments are: `cmaf` is fragmented MP4, which holds every codec that players know;
   * `mpegts` a transport stream, for old players, which holds H.264, HEVC, AAC, MP3 and AC-3. (one
   * of cmaf, mpegts; default cmaf)
   */
  readonly container: "cmaf" | "mpegts";
  /**
   * With `low`, parts of segments are listed as they come, and players wait for the next one
   * (LL-HLS); players that know nothing of it read the segments. With `usual` there are no parts.
   * (one of low, usual; default low)
   */
  readonly latency: "low" | "usual";
  /**
   * About how long a part is. Players that read parts are three parts behind; each part costs each
   * of them two requests. (a whole number of milliseconds from 50 to 2000; default 300)
   */
  readonly partMs: number;
  /**
   * About how long a segment is: it ends with the first key frame after that. Players that read no
   * parts are three segments behind. (a whole number of milliseconds from 500 to 60000; default
   * 2000)
   */
  readonly segmentMs: number;
  /**
   * How much a playlist lists; never less than three segments. (a whole number of milliseconds from
   * 2000 to 3600000; default 12000)
   */
  readonly listedMs: number;
  /**
   * Memory for the segments of one stream. Over this the oldest go, were they to be listed or not.
   * (a whole number of bytes from 1048576 to 1099511627776; default 268435456 (256 MiB))
   */
  readonly streamBytes: number;
  /**
   * Whose addresses playlists lead to. With `viewer` each has its own: it is decided on, counted,
   * and can be ended. `shared` ones are the same for all, as caches in front need them: plugins
   * decide on `index.m3u8` only, and whoever knows the address of a playlist can watch. (one of
   * viewer, shared; default viewer)
   */
  readonly addresses: "viewer" | "shared";
  /**
   * A viewer that has asked for nothing for this long is gone, and its addresses with it. (a whole
   * number of milliseconds from 2000 to 3600000; default 20000)
   */
  readonly sessionMs: number;
}

/** Recording: the section `record`. Times are milliseconds, sizes are bytes. */
export interface RecordConfig {
  /**
   * Folder of recordings, and of other media files. Without one nothing is recorded. A stream's
   * recordings are in `APPLICATION/NAME/`. (a path that is not empty; default none)
   */
  readonly folder?: string;
  /**
   * Streams that are recorded from their beginning: patterns such as `live/*`, in which `*` is any
   * characters but `/`. (a list of at most 100 patterns such as live/*, of letters, digits and _ .
   * ~ @ + = - /; default none)
   */
  readonly streams: readonly string[];
  /**
   * What files are called, without their extension. Known are `{app}`, `{name}`, `{start}`,
   * `{date}`, `{time}` (all UTC) and `{number}`, that of the file in its recording. A name that is
   * taken gets a number behind it. (a file name with these in braces; default {start})
   */
  readonly file: string;
  /**
   * A file ends with the first key frame behind so much, and another one begins. 0 is one file. (a
   * whole number of milliseconds from 0 to 86400000; default 0)
   */
  readonly segmentMs: number;
  /**
   * The same by size. 0 is one file, however large. (a whole number of bytes from 0 to
   * 1099511627776; default 0)
   */
  readonly segmentBytes: number;
  /**
   * Most that waits to be written to one file. A disk that is slower than that loses frames up to
   * the next key frame; the stream does not wait. (a whole number of bytes from 262144 to
   * 1073741824; default 4194304 (4 MiB))
   */
  readonly queueBytes: number;
  /**
   * The same of all files together. (a whole number of bytes from 1048576 to 68719476736; default
   * 67108864 (64 MiB))
   */
  readonly totalQueueBytes: number;
  /**
   * Recordings older than this are removed. 0 keeps them. (a whole number of milliseconds from 0 to
   * 316224000000; default 0)
   */
  readonly keepMs: number;
  /**
   * With more than this the oldest are removed. 0 keeps them. (a whole number of bytes from 0 to
   * 1125899906842624; default 0)
   */
  readonly keepBytes: number;
  /**
   * With more files of one stream than this the oldest are removed. 0 keeps them. (a whole number
   * from 0 to 1000000; default 0)
   */
  readonly keepFiles: number;
}

/** Media: the section `media`. Times are milliseconds, sizes are bytes. */
export interface MediaConfig {
  /**
   * Memory for the media of all streams together: caches, what waits for players, headers. Over
   * this the largest caches are emptied, then the players furthest behind skip. 0 is half of the
   * memory of the machine or its control group, or 1 GiB where that is not known. (a whole number
   * of bytes from 0 to 1125899906842624; default 0)
   */
  readonly memoryBytes: number;
}

/** Shared objects: the section `sharedObjects`. Times are milliseconds, sizes are bytes. */
export interface SharedObjectsConfig {
  /**
   * Let clients use shared objects, and change them unless a plugin decides otherwise. Off, what is
   * said to them is read past. (true or false; default false)
   */
  readonly enabled: boolean;
  /**
   * Folder that persistent shared objects are kept in. Without one there are none. (a path that is
   * not empty; default none)
   */
  readonly folder?: string;
  /** Shared objects in memory at once. (a whole number from 1 to 100000; default 1000) */
  readonly maxObjects: number;
  /** The same of one application. (a whole number from 1 to 100000; default 100) */
  readonly maxPerApp: number;
  /**
   * Persistent shared objects in the folder. Over this, no new one is saved. (a whole number from 1
   * to 1000000; default 10000)
   */
  readonly maxFiles: number;
}

/** Plugin hooks: the section `hook`. Times are milliseconds, sizes are bytes. */
export interface HookConfig {
  /**
   * Longest time a plugin may take to decide; after it the answer is no. (a whole number of
   * milliseconds from 10 to 600000; default 5000)
   */
  readonly timeoutMs: number;
}

/** Remote calls: the section `call`. Times are milliseconds, sizes are bytes. */
export interface CallConfig {
  /**
   * Longest time that a client may take to answer a remote call of the server. (a whole number of
   * milliseconds from 10 to 600000; default 5000)
   */
  readonly timeoutMs: number;
}

/** Limits: the section `max`. Times are milliseconds, sizes are bytes. */
export interface MaxConfig {
  /** RTMP connections at once. (a whole number from 1 to 1000000; default 10000) */
  readonly connections: number;
  /**
   * RTMP connections at once of one IPv4 address, or of one IPv6 network of 64 bits. Those of this
   * machine are not counted. (a whole number from 1 to 1000000; default 200)
   */
  readonly connectionsPerAddress: number;
  /**
   * RTMP connections at once that were not let publish or play yet. Over this, the one that has
   * been silent the longest makes room for the newest. (a whole number from 1 to 1000000; default
   * 1024)
   */
  readonly pendingConnections: number;
  /** Stream names alive at once. (a whole number from 1 to 1000000; default 10000) */
  readonly streams: number;
  /**
   * Largest audio, video or aggregate message. (a whole number of bytes from 65536 to 16777215;
   * default 8388608 (8 MiB))
   */
  readonly messageBytes: number;
  /**
   * Messages of one client that are read in a second; a command counts as 20 or more. Who sends
   * more is read more slowly. (a whole number from 100 to 1000000000; default 20000)
   */
  readonly messagesPerSecond: number;
  /**
   * Memory for the unfinished messages of all connections together, with bytes that wait for a
   * plugin's decision. Over it the one that holds most is closed; those not let in yet share an
   * eighth of it. (a whole number of bytes from 1048576 to 68719476736; default 268435456 (256
   * MiB))
   */
  readonly totalAssemblyBytes: number;
}

/** Stopping: the section `shutdown`. Times are milliseconds, sizes are bytes. */
export interface ShutdownConfig {
  /**
   * Longest time to send what is queued when the server is asked to stop. (a whole number of
   * milliseconds from 0 to 600000; default 5000)
   */
  readonly ms: number;
  /**
   * Longest time before that to serve clients that were asked to reconnect. Nothing is waited for
   * when no client follows such a request; few do. (a whole number of milliseconds from 0 to
   * 3600000; default 10000)
   */
  readonly drainMs: number;
}

/** Logging: the section `log`. Times are milliseconds, sizes are bytes. */
export interface LogConfig {
  /** Least severe level to log. (one of trace, debug, info, warning, error; default info) */
  readonly level: "trace" | "debug" | "info" | "warning" | "error";
  /** One line for people, or one JSON object a line. (one of pretty, json; default pretty) */
  readonly format: "pretty" | "json";
  /**
   * Lines a second that one cause, such as a refused publish, may log; the rest are counted and
   * told in one line. 0 is no limit. (a whole number from 0 to 1000000; default 100)
   */
  readonly linesPerSecond: number;
}

/** What an application may have for its own: a section of `apps`. */
export interface AppConfig {
  /**
   * As `play.latency`, for the players of this application. (lowest, auto, or a whole number of
   * milliseconds from 0 to 1000; default none)
   */
  readonly latency?: string;
}
