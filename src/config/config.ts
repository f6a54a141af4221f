/**
 * The settings of Sluice, for people.
 *
 * Written by `tools/config_table.ts` out of the schema: change that, then run it.
 *
 * @module
 */

import type {
  ApiConfig,
  CallConfig,
  DashboardConfig,
  HookConfig,
  HttpConfig,
  LogConfig,
  MaxConfig,
  MetricsConfig,
  PlayerConfig,
  ProxyConfig,
  RelayConfig,
  RtmfpConfig,
  RtmpConfig,
  RtmpsConfig,
  ShutdownConfig,
  TlsConfig,
} from "./server_sections.ts";
import type {
  AppConfig,
  ClusterConfig,
  GopCacheConfig,
  HlsConfig,
  MediaConfig,
  PlayConfig,
  PublishConfig,
  ReconnectConfig,
  RecordConfig,
  SharedObjectsConfig,
} from "./stream_sections.ts";

/** A complete, checked configuration. Times are milliseconds, sizes are bytes. */
export interface Config {
  /**
   * Address that both servers listen on. 0.0.0.0 or :: is every address of the machine. (an IP
   * address or a host name, without port or brackets; default 127.0.0.1)
   */
  readonly host: string;
  /**
   * Plugin modules to load, in this order; paths are relative to the working directory. Repeat the
   * flag for more than one; separate them with commas in the environment. (a list of at most 100
   * paths, none of them empty; default none)
   */
  readonly plugins: readonly string[];
  /**
   * Let anybody who reaches the server publish, even where no plugin decides who may and the server
   * listens beyond this machine. (true or false; default false)
   */
  readonly allowAnonymous: boolean;
  /** RTMP. */
  readonly rtmp: RtmpConfig;
  /** RTMPS. */
  readonly rtmps: RtmpsConfig;
  /** RTMFP. */
  readonly rtmfp: RtmfpConfig;
  /** HTTP. */
  readonly http: HttpConfig;
  /** TLS. */
  readonly tls: TlsConfig;
  /** Behind a balancer. */
  readonly proxy: ProxyConfig;
  /** Control API. */
  readonly api: ApiConfig;
  /** Statistics. */
  readonly metrics: MetricsConfig;
  /** Dashboard. */
  readonly dashboard: DashboardConfig;
  /** Player page. */
  readonly player: PlayerConfig;
  /** Publishers. */
  readonly publish: PublishConfig;
  /** Coming back. */
  readonly reconnect: ReconnectConfig;
  /** Players. */
  readonly play: PlayConfig;
  /** GOP cache. */
  readonly gopCache: GopCacheConfig;
  /** HLS. */
  readonly hls: HlsConfig;
  /** Recording. */
  readonly record: RecordConfig;
  /** Relays. */
  readonly relay: RelayConfig;
  /** Cluster. */
  readonly cluster: ClusterConfig;
  /** Media. */
  readonly media: MediaConfig;
  /** Shared objects. */
  readonly sharedObjects: SharedObjectsConfig;
  /** Plugin hooks. */
  readonly hook: HookConfig;
  /** Remote calls. */
  readonly call: CallConfig;
  /** Limits. */
  readonly max: MaxConfig;
  /** Stopping. */
  readonly shutdown: ShutdownConfig;
  /** Logging. */
  readonly log: LogConfig;
  /** What applications have for their own, by name; at most 100. */
  readonly apps: Readonly<Record<string, AppConfig>>;
}

/** A configuration of which everything may be left out: what is, has its default. */
export type Settings =
  & Partial<Pick<Config, "host" | "plugins" | "allowAnonymous" | "apps">>
  & {
    /** RTMP. */
    readonly rtmp?: Partial<RtmpConfig>;
    /** RTMPS. */
    readonly rtmps?: Partial<RtmpsConfig>;
    /** RTMFP. */
    readonly rtmfp?: Partial<RtmfpConfig>;
    /** HTTP. */
    readonly http?: Partial<HttpConfig>;
    /** TLS. */
    readonly tls?: Partial<TlsConfig>;
    /** Behind a balancer. */
    readonly proxy?: Partial<ProxyConfig>;
    /** Control API. */
    readonly api?: Partial<ApiConfig>;
    /** Statistics. */
    readonly metrics?: Partial<MetricsConfig>;
    /** Dashboard. */
    readonly dashboard?: Partial<DashboardConfig>;
    /** Player page. */
    readonly player?: Partial<PlayerConfig>;
    /** Publishers. */
    readonly publish?: Partial<PublishConfig>;
    /** Coming back. */
    readonly reconnect?: Partial<ReconnectConfig>;
    /** Players. */
    readonly play?: Partial<PlayConfig>;
    /** GOP cache. */
    readonly gopCache?: Partial<GopCacheConfig>;
    /** HLS. */
    readonly hls?: Partial<HlsConfig>;
    /** Recording. */
    readonly record?: Partial<RecordConfig>;
    /** Relays. */
    readonly relay?: Partial<RelayConfig>;
    /** Cluster. */
    readonly cluster?: Partial<ClusterConfig>;
    /** Media. */
    readonly media?: Partial<MediaConfig>;
    /** Shared objects. */
    readonly sharedObjects?: Partial<SharedObjectsConfig>;
    /** Plugin hooks. */
    readonly hook?: Partial<HookConfig>;
    /** Remote calls. */
    readonly call?: Partial<CallConfig>;
    /** Limits. */
    readonly max?: Partial<MaxConfig>;
    /** Stopping. */
    readonly shutdown?: Partial<ShutdownConfig>;
    /** Logging. */
    readonly log?: Partial<LogConfig>;
  };
