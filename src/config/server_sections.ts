/**
 * The sections of the settings that are on the server itself, for people.
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
   * The RTMP port is for all: RTMP, HTTP, and both in TLS where there are certificates, told apart
   * by their first bytes. (true or false; default false)
   */
  readonly onePort: boolean;
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
   * Whether clients that ask for RTMPE, the old encryption of the protocol, get it. It hides what
   * is sent from nobody who tries, and costs a copy for each player: use RTMPS. (one of allow,
   * refuse; default allow)
   */
  readonly rtmpe: "allow" | "refuse";
  /**
   * Whether clients may speak RTMPT, which is RTMP inside requests to the port of HTTP, for those
   * behind walls that let nothing else through. (one of allow, refuse; default allow)
   */
  readonly rtmpt: "allow" | "refuse";
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

/** RTMPS: the section `rtmps`. Times are milliseconds, sizes are bytes. */
export interface RtmpsConfig {
  /**
   * Port of RTMP in TLS; 0 takes any free port. Without it there is none. (a whole number from 0 to
   * 65535; default none)
   */
  readonly port?: number;
  /**
   * Newest version of TLS that is offered. Programs with librtmp, and some with Mbed TLS, fail with
   * 1.3. (one of 1.2, 1.3; default 1.3)
   */
  readonly maxVersion: "1.2" | "1.3";
  /**
   * File of the certificates, in PEM, that have signed those of clients: whoever has none of them
   * is not let in. (a path that is not empty; default none)
   */
  readonly clientCa?: string;
}

/** RTMFP: the section `rtmfp`. Times are milliseconds, sizes are bytes. */
export interface RtmfpConfig {
  /**
   * Port of RTMFP, of UDP; 0 takes any free port. Without it there is none. (a whole number from 0
   * to 65535; default none)
   */
  readonly port?: number;
  /**
   * Where all clients of RTMFP are sent instead. (an IP address and a port, such as 192.0.2.1:1935
   * or [2001:db8::1]:1935; default none)
   */
  readonly redirect?: string;
}

/** HTTP: the section `http`. Times are milliseconds, sizes are bytes. */
export interface HttpConfig {
  /**
   * Port of the HTTP server, which has the control API and FLV; 0 takes any free port. (a whole
   * number from 0 to 65535; default 8080)
   */
  readonly port: number;
  /**
   * Socket of the file system at which the same is served, without TLS, to programs of this
   * machine: a path. The API takes them for this machine, so that who may open the file may ask. (a
   * path that is not empty; default none)
   */
  readonly socket?: string;
  /**
   * Who may open that socket: the user of the server, its group too, or everybody. (one of 600,
   * 660, 666; default 600)
   */
  readonly socketMode: "600" | "660" | "666";
  /**
   * HTTPS and secure WebSockets on this port, in place of HTTP or beside it. (one of off, on, both;
   * default off)
   */
  readonly tls: "off" | "on" | "both";
  /**
   * Newest version of TLS that is offered. Programs with librtmp, and some with Mbed TLS, fail with
   * 1.3. (one of 1.2, 1.3; default 1.3)
   */
  readonly tlsMaxVersion: "1.2" | "1.3";
  /**
   * File of the certificates, in PEM, that have signed those of clients of HTTPS: whoever has none
   * of them is not let in, viewers included. (a path that is not empty; default none)
   */
  readonly tlsClientCa?: string;
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

/** TLS: the section `tls`. Times are milliseconds, sizes are bytes. */
export interface TlsConfig {
  /**
   * Files of certificates in PEM, each with those it leans on behind it. Clients get the one for
   * the name they ask for, else the first. The files are read again when they change. (a list of at
   * most 100 paths, none of them empty; default none)
   */
  readonly cert: readonly string[];
  /**
   * Files of the keys of these certificates, in the same order. (a list of at most 100 paths, none
   * of them empty; default none)
   */
  readonly key: readonly string[];
  /** Oldest version of TLS that is spoken. (one of 1.2, 1.3; default 1.2) */
  readonly minVersion: "1.2" | "1.3";
  /**
   * A certificate that expires within so many days is warned of, once a day. (a whole number from 0
   * to 365; default 21)
   */
  readonly warnDays: number;
}

/** Behind a balancer: the section `proxy`. Times are milliseconds, sizes are bytes. */
export interface ProxyConfig {
  /**
   * Addresses of balancers and proxies that are believed when they say who their client is; their
   * own connections are not limited per address. (a list of at most 100 addresses or networks such
   * as 10.0.0.0/8; default none)
   */
  readonly trusted: readonly string[];
  /**
   * Whether those begin each connection to the ports of RTMP and RTMPS with a header of the PROXY
   * protocol. They must then: without one they are turned away. (one of off, protocol; default off)
   */
  readonly rtmp: "off" | "protocol";
  /**
   * How those say who asks at the port of HTTP: with the PROXY protocol, as above, or in a header
   * of each request, which they have to set whatever the client sent. (one of off, protocol,
   * x-forwarded-for, forwarded; default off)
   */
  readonly http: "off" | "protocol" | "x-forwarded-for" | "forwarded";
}

/** Control API: the section `api`. Times are milliseconds, sizes are bytes. */
export interface ApiConfig {
  /**
   * Bearer token that every request to the control API must carry. Without one the API answers this
   * machine only. Prefer the environment: flags are visible in the process list. (16 to 1024 ASCII
   * characters without spaces; default none)
   */
  readonly token?: string;
  /**
   * Tokens of several callers, each as its name, its role and its SHA-256: `read` asks only,
   * `control` changes things too. `sluice token NAME ROLE` makes one. The single token stays good
   * beside them, for control. Repeat the flag for more than one; separate them with commas in the
   * environment. (a list of at most 100 texts of the form NAME ROLE SHA256; default none)
   */
  readonly tokens: readonly string[];
}

/** Statistics: the section `metrics`. Times are milliseconds, sizes are bytes. */
export interface MetricsConfig {
  /**
   * Who may read `/metrics`, for Prometheus: who may ask the control API, or everybody who reaches
   * the port. It has the names of streams. (one of api, open; default api)
   */
  readonly access: "api" | "open";
  /**
   * Streams that have metrics with their names on them, those first that are there longest; what
   * the others measure is one more, called `(other)`. (a whole number from 0 to 1000; default 100)
   */
  readonly streams: number;
  /**
   * Who may read `/stat`, the statistics in XML that nginx's RTMP module has: who may ask the
   * control API, or everybody who reaches the port. It has the names of streams and the addresses
   * of clients. (one of api, open; default api)
   */
  readonly statAccess: "api" | "open";
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

/** Relays: the section `relay`. Times are milliseconds, sizes are bytes. */
export interface RelayConfig {
  /**
   * Streams that are pushed to other servers while they are live: a pattern such as `live/*`, a
   * space and an `rtmp://` or `rtmps://` URL with the name to publish, in which `{app}` and
   * `{name}` are those of the stream; behind it, if wanted, `video=`, `audio=`, `codecs=` and
   * `metadata=`, see docs/relays.md. Repeat the flag for more than one; separate them with commas
   * in the environment. (a list of at most 100 texts of the form PATTERN URL [OPTION=VALUE];
   * default none)
   */
  readonly push: readonly string[];
  /**
   * Streams that are pulled from other servers when somebody asks for them, and dropped when nobody
   * watches any more: a pattern, a space and the URLs of sources, the first to be tried first,
   * `rtmp://`, `rtmps://` or those of HTTP-FLV, with `{app}` and `{name}` for those of the stream.
   * With `always` behind them, and a name without stars, it is pulled all the time. (a list of at
   * most 100 texts of the form PATTERN URL [URL...] [always]; default none)
   */
  readonly pull: readonly string[];
  /**
   * Servers that this one is an edge of, the first to be tried first, such as
   * `rtmp://origin.example`: streams that nobody publishes here are pulled from there when somebody
   * asks for them, and what is published here is published there too, if they let it. (a list of at
   * most 16 rtmp:// or rtmps:// URLs of servers; default none)
   */
  readonly origin: readonly string[];
  /**
   * Who decides who may play at an edge: its plugins alone, or the origin too, which is asked for
   * each viewer with its query and address. (one of edge, origin; default edge)
   */
  readonly decides: "edge" | "origin";
  /**
   * What viewers are shown while the publisher of their stream is away: a pattern such as `live/*`,
   * a space and sources, the first that there is to be shown: `stream=APPLICATION/NAME`, another
   * stream, or `file=PATH`, an FLV or MP4 file in the folder of media that is looped, with `{app}`
   * and `{name}` for those of the stream. With `lost` behind them only where the connection of the
   * publisher broke off. (a list of at most 100 texts of the form PATTERN SOURCE [SOURCE...]
   * [lost]; default none)
   */
  readonly fallback: readonly string[];
  /**
   * How long a stream is pulled on, or has its place taken by a fallback, that nobody watches any
   * more. (a whole number of milliseconds from 0 to 3600000; default 10000)
   */
  readonly idleMs: number;
  /**
   * Let relays connect to addresses that are not public: this machine, private networks, link-local
   * ones. Without it a target that leads there is refused, whoever named it. (true or false;
   * default false)
   */
  readonly allowPrivate: boolean;
  /**
   * File of certificates, in PEM, of authorities that are trusted over `rtmps://` and `https://`
   * beside those that the runtime knows. (a path that is not empty; default none)
   */
  readonly caFile?: string;
  /**
   * Targets at once, of all streams; and as many that are pulled. (a whole number from 1 to 100000;
   * default 1000)
   */
  readonly maxTargets: number;
  /**
   * Longest time until a connection to another server stands, and from there until it publishes or
   * plays. (a whole number of milliseconds from 100 to 600000; default 10000)
   */
  readonly timeoutMs: number;
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
