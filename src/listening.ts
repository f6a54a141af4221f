/**
 * The ports of a server: which there are, and what comes to them.
 *
 * @module
 */
import { type Config, ConfigError } from "./config/mod.ts";
import type {
  Address,
  DatagramSocket,
  HttpHandler,
  HttpServer,
  Listener,
  PlainHandler,
  Runtime,
  TlsOptions,
} from "./ports.ts";
import { balancersOf, forwardedHandler } from "./balancers.ts";
import { behindBalancers } from "./service/proxied_arrival.ts";
import type { RtmfpService } from "./service/rtmfp/mod.ts";
import type { RtmpService } from "./service/rtmp/mod.ts";
import { httpLimits } from "./settings_of.ts";
import { CertificateError, Certificates } from "./tls/certificates.ts";
import { readTrust } from "./tls/trust.ts";

/** Where a server listens. */
export interface ServerAddresses {
  /** Of RTMP. */
  readonly rtmp: Address;
  /** Of the API, the pages, FLV and HLS. */
  readonly http: Address;
  /** Of RTMP in TLS, if it has a port of its own. */
  readonly rtmps?: Address;
  /** Of RTMFP, by UDP, if it is spoken. */
  readonly rtmfp?: Address;
}

/** What answers at the HTTP port. */
export interface HttpDoor {
  readonly handler: HttpHandler;
  readonly plain: PlainHandler | undefined;
}

/**
 * The certificates of a configuration, in order; none where it names none.
 *
 * @throws {ConfigError} when their files cannot be used
 */
export async function certificatesOf(
  { tls, rtmps, http }: Config,
  { clock }: Pick<Runtime, "clock">,
): Promise<Certificates | undefined> {
  if (tls.cert.length === 0) return undefined;
  const clientCa = { "rtmps.clientCa": rtmps.clientCa, "http.tlsClientCa": http.tlsClientCa };
  const files = { cert: tls.cert, key: tls.key, clientCa };
  return await inOrder(Certificates.load(files, { clock, warnMs: tls.warnDays * 86_400_000 }));
}

/**
 * What relays connect with: the machine, and certificates that are trusted beside those it knows.
 *
 * @throws {ConfigError} when their file cannot be used
 */
export async function relayRuntimeOf<R extends Pick<Runtime, "dialTls" | "clock">>(
  { relay }: Config,
  runtime: R,
): Promise<R> {
  if (relay.caFile === undefined) return runtime;
  const alsoTrust = await inOrder(readTrust(relay.caFile, "relay.caFile", runtime.clock));
  return {
    ...runtime,
    dialTls: (target, options) => runtime.dialTls(target, { ...options, alsoTrust }),
  };
}

async function inOrder<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw new ConfigError(error.mistakes.map((mistake) => ({ source: "tls", ...mistake })));
  }
}

/** The ports of one server. */
export class Listening {
  readonly #runtime: Runtime;
  readonly #config: Config;
  readonly #certificates: Certificates | undefined;
  #rtmp: Listener | undefined;
  #rtmps: Listener | undefined;
  #http: HttpServer | undefined;
  #rtmfp: DatagramSocket | undefined;

  constructor(runtime: Runtime, config: Config, certificates: Certificates | undefined) {
    this.#runtime = runtime;
    this.#config = config;
    this.#certificates = certificates;
  }

  /** Ports as far as they are open, for who shows them. */
  get ports(): { readonly rtmp: number; readonly rtmps: number | null } {
    return {
      rtmp: this.#rtmp?.address.port ?? this.#config.rtmp.port,
      rtmps: this.#rtmps?.address.port ?? null,
    };
  }

  /** Opens them all; what is open when it rejects is to be closed. @throws {ListenError} */
  async open(
    rtmp: RtmpService,
    rtmfp: RtmfpService | undefined,
    http: HttpDoor,
    signal: AbortSignal,
  ): Promise<ServerAddresses> {
    const runtime = this.#runtime;
    const { host: hostname, rtmp: { port, onePort, timeoutMs }, ...config } = this.#config;
    const balancers = (headerMs: number) => balancersOf(config.proxy, headerMs, runtime.clock);
    const proxies = config.proxy.rtmp === "protocol" ? balancers(timeoutMs) : undefined;
    const onExhausted = () => rtmp.onExhausted();
    const secure = this.#tlsOf("rtmps.clientCa", config.rtmps.maxVersion, timeoutMs);
    this.#rtmp = onePort
      ? await runtime.listenDoor(
        { hostname, port },
        { tls: secure, proxies, any: { http: () => this.#http, firstMs: timeoutMs } },
        rtmp.callers,
        onExhausted,
      )
      : await runtime.listenTcp(
        { hostname, port },
        behindBalancers(
          proxies,
          rtmp.callers,
          runtime.clock,
          (connection) => rtmp.accept(connection),
        ),
        onExhausted,
      );
    signal.throwIfAborted();
    if (config.rtmps.port !== undefined) {
      this.#rtmps = await runtime.listenDoor(
        { hostname, port: config.rtmps.port },
        { tls: secure, proxies },
        rtmp.callers,
        onExhausted,
      );
      signal.throwIfAborted();
    }
    const { port: udpPort } = config.rtmfp;
    if (rtmfp !== undefined && udpPort !== undefined) {
      this.#rtmfp = await runtime.listenUdp({ hostname, port: udpPort }, rtmfp.onDatagram);
      rtmfp.bind(this.#rtmfp, await runtime.ciphers?.());
      signal.throwIfAborted();
    }
    this.#http = await runtime.serveHttp(
      { hostname, port: config.http.port },
      forwardedHandler(http.handler, config.proxy),
      httpLimits(this.#config),
      http.plain,
      this.#httpTls(),
      config.proxy.http === "protocol" ? balancers(config.http.timeoutMs) : undefined,
    );
    signal.throwIfAborted();
    const { socket, socketMode } = config.http;
    if (socket !== undefined) await this.#http.alsoAt(socket, parseInt(socketMode, 8));
    signal.throwIfAborted();
    this.#certificates?.start();
    return {
      rtmp: this.#rtmp.address,
      http: this.#http.address,
      ...(this.#rtmps !== undefined && { rtmps: this.#rtmps.address }),
      ...(this.#rtmfp !== undefined && { rtmfp: this.#rtmfp.address }),
    };
  }

  #httpTls() {
    const { tls, tlsMaxVersion, timeoutMs } = this.#config.http;
    if (tls === "off") return undefined;
    const options = this.#tlsOf("http.tlsClientCa", tlsMaxVersion, timeoutMs);
    return options && { ...options, plainToo: tls === "both" };
  }

  #tlsOf(
    listener: string,
    maxVersion: TlsOptions["maxVersion"],
    handshakeMs: number,
  ): TlsOptions | undefined {
    const { minVersion } = this.#config.tls;
    const source = this.#certificates?.source(listener);
    return source && { source, minVersion, maxVersion, handshakeMs };
  }

  /** Takes no further clients of RTMP. */
  closeRtmp(): void {
    this.#rtmp?.close();
    this.#rtmps?.close();
  }

  /** Closes what is left. */
  async close(): Promise<void> {
    this.#certificates?.close();
    await this.#http?.close();
  }
}
