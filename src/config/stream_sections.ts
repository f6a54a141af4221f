/**
 * The sections of the settings that are on streams, for people.
 *
 * Written by `tools/config_table.ts` out of the schema: change that, then run it.
 *
 * @module
 */

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
   * How much a playlist lists, never less than three segments: how far viewers can go back. With
   * `hls.folder` all but the newest of it is on the disk. (a whole number of milliseconds from 2000
   * to 43200000; default 12000)
   */
  readonly listedMs: number;
  /**
   * Whether a playlist lists what is new only, or, as an `event`, everything from the beginning;
   * that needs `hls.folder`, and ends after `hls.listedMs`, when the next one begins. (one of
   * sliding, event; default sliding)
   */
  readonly playlist: "sliding" | "event";
  /**
   * Folder that segments and playlists are written into, for viewers who go back and for a web
   * server or a CDN: `FOLDER/{app}/{name}/index.m3u8`. Each file is whole or not there. What is
   * listed no more is removed, and what is left of a stream when it is packaged anew. (a path that
   * is not empty; default none)
   */
  readonly folder?: string;
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
   * Streams whose publishers may ask to be recorded, with the type `record` or `append` of
   * `publish`, into `APPLICATION/NAME.flv`: such patterns. (a list of at most 100 patterns such as
   * live/*, of letters, digits and _ . ~ @ + = - /; default none)
   */
  readonly publishers: readonly string[];
  /**
   * What files are: `flv` holds every message as it came, whatever its codec, data messages too;
   * `mp4` is fragmented MP4 of H.264, HEVC, AV1 and VP9 with AAC, Opus, MP3, FLAC and AC-3. (one of
   * flv, mp4; default flv)
   */
  readonly format: "flv" | "mp4";
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
   * Most that waits to be written, of all files together. A disk that is slower loses frames up to
   * the next key frame; the streams do not wait. (a whole number of bytes from 1048576 to
   * 68719476736; default 67108864 (64 MiB))
   */
  readonly queueBytes: number;
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

/** Cluster: the section `cluster`. Times are milliseconds, sizes are bytes. */
export interface ClusterConfig {
  /**
   * Servers of NATS, with JetStream, by which the nodes of a cluster find each other's streams,
   * such as `nats://nats.example:4222`, or `tls://` where they speak TLS. Without any this server
   * is alone. (a list of at most 16 nats:// or tls:// URLs of servers; default none)
   */
  readonly url: readonly string[];
  /**
   * The name of the cluster: others may use the same NATS under other names. (1 to 32 letters,
   * digits, - and _; default sluice)
   */
  readonly name: string;
  /**
   * The name of this node, for people; without it a new one at each start. (1 to 32 letters,
   * digits, - and _; default none)
   */
  readonly node?: string;
  /**
   * Where the other nodes reach this one, such as `rtmp://10.0.0.1`, or `rtmps://` for media in
   * TLS. Without it that is the port of RTMP at `host`, or at the address that NATS sees where
   * `host` is every address. (an rtmp:// or rtmps:// URL of a server; default none)
   */
  readonly address?: string;
  /**
   * How long a node owns its names once it is cut off: then they may be published elsewhere. It is
   * the same at all nodes. (a whole number of milliseconds from 300 to 60000; default 3000)
   */
  readonly leaseMs: number;
  /**
   * Servers of NATS that keep each entry, of the cluster that those are themselves. (a whole number
   * from 1 to 5; default 1)
   */
  readonly replicas: number;
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

/** What an application may have for its own: a section of `apps`. */
export interface AppConfig {
  /**
   * As `play.latency`, for the players of this application. (lowest, auto, or a whole number of
   * milliseconds from 0 to 1000; default none)
   */
  readonly latency?: string;
}
