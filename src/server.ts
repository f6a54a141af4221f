/**
 * One Sluice server: what it is made of, and how it starts and stops.
 *
 * @module
 */
import {
  completeTuning,
  type Config,
  ConfigError,
  parseConfig,
  type Settings,
  type Tuning,
} from "./config/mod.ts";
import { ControlView } from "./view/control_view.ts";
import { PluginView } from "./view/plugin_view.ts";
import { UsageError } from "./core/errors.ts";
import { type HttpSide, httpSideOf } from "./http_side.ts";
import type { Reload, ReloadView } from "./http/mod.ts";
import { errorText, Faults } from "./faults.ts";
import { Hub, type StreamKey } from "./hub/mod.ts";
import { loggerOf } from "./log/log.ts";
import { Lifecycle, unlessAborted } from "./lifecycle.ts";
import { certificatesOf, Listening, relayRuntimeOf, type ServerAddresses } from "./listening.ts";
import { oldWays } from "./old_ways.ts";
import { mistakeBetween } from "./config/mistake_between.ts";
import { type Plugin, PluginLifecycle, PluginRunner } from "./plugin/mod.ts";
import type { Runtime } from "./ports.ts";
import { Reloading } from "./reloading.ts";
import { Admission, type Evictable } from "./service/admission.ts";
import { AtRest } from "./service/at_rest.ts";
import { AwakeClock } from "./service/awake_clock.ts";
import { FlvService } from "./service/flv/mod.ts";
import { HlsService } from "./service/hls/mod.ts";
import { MediaOrigins } from "./service/media_origins.ts";
import { type ClientAnswer, formatAddress, maskSaid, RtmpService } from "./service/rtmp/mod.ts";
import { viaId } from "./service/outgoing/via.ts";
import { originPlugins, RelayService } from "./service/relay/mod.ts";
import { plainOf } from "./service/plain_handler.ts";
import type { Service } from "./service/surroundings.ts";
import { loadWanted } from "./wanted.ts";
import {
  fallbackSettings,
  flvSettings,
  hlsSettings,
  hookLimits,
  pacing,
  registryOptions,
  relaySettings,
  rtmpSettings,
} from "./settings_of.ts";
import { SegmentFiles } from "./storage/segment_files.ts";
import { SharedObjectFiles } from "./storage/shared_object_files.ts";

/** Configuration of an embedded server: the settings of the program, and plugins as objects. */
export type ServerConfig = Omit<Settings, "plugins"> & {
  /** Plugins, asked in this order. */
  readonly plugins?: readonly Plugin[];
};

export type { ServerAddresses } from "./listening.ts";

/** What a server is given beside its configuration. */
export interface ServerOptions {
  /** Finds the machine to run on. */
  readonly loadRuntime: () => Promise<Runtime>;
  /** Bounds that no operator turns. */
  readonly tuning?: Partial<Tuning>;
  /** Counts faults; the program counts its own there too. */
  readonly faults?: Faults;
  /** Reads the configuration again and calls {@link Server.reload}, when the API is asked to. */
  readonly reload?: Reload;
}

/** What a server is made of, before it listens. */
interface Parts {
  readonly hub: Hub;
  readonly rtmp: RtmpService;
  /** All ways in and out, RTMP among them. */
  readonly services: readonly Service[];
  readonly lifecycle: PluginLifecycle;
  readonly pluginView: PluginView;
  readonly http: HttpSide;
  readonly listening: Listening;
  readonly reloading: Reloading;
}

/** A running server's parts. */
interface Running extends Parts {
  readonly addresses: ServerAddresses;
  readonly view: ControlView;
}

/** A Sluice server. Several can run in one process. */
export class Server {
  #config: Config;
  /** Bounds that no operator turns, defaults included. */
  readonly tuning: Tuning;
  #plugins: readonly Plugin[];
  readonly #options: ServerOptions;
  readonly #lifecycle = new Lifecycle<Running>({
    start: (signal) => this.#start(signal),
    stop: (running) => this.#end(running, this.config.shutdown.drainMs),
  });

  /** Its settings are checked at once, and nothing is opened. @throws {ConfigError} naming every mistake */
  constructor({ plugins = [], ...settings }: ServerConfig, options: ServerOptions) {
    this.#config = parseConfig(settings, options.tuning);
    this.tuning = completeTuning(options.tuning);
    this.#plugins = plugins;
    this.#options = options;
  }

  /** All settings, defaults included. */
  get config(): Config {
    return this.#config;
  }

  /** In the order in which they are asked. */
  get plugins(): readonly Plugin[] {
    return this.#plugins;
  }

  /**
   * Listens. Resolves once both ports accept connections; when they do already, or are about to, with
   * the same addresses. Behind a stop that is under way it waits for that. A server that was stopped,
   * or could not start, can be started again: nothing is left of the time before.
   *
   * @throws {ListenError} when a port cannot be listened on
   * @throws {PluginStartError} when a plugin cannot be started
   * @throws {ConfigError} when anyone could publish without anybody having decided so
   * @throws {UsageError} when it was stopped before it listened
   */
  async start(): Promise<ServerAddresses> {
    return (await this.#lifecycle.start()).addresses;
  }

  /** Rejects only when nothing listens any more; as soon as it can, once `signal` is aborted. */
  async #start(signal: AbortSignal): Promise<Running> {
    const { config, tuning, plugins } = this;
    const mistake = mistakeBetween(config, plugins);
    if (mistake !== undefined) throw new ConfigError([mistake]);

    const machine = await unlessAborted(this.#options.loadRuntime(), signal);
    const clock = new AwakeClock(machine.clock);
    const runtime: Runtime = { ...machine, clock };
    const wanted = await loadWanted(config);
    const { record, rtmfp: Rtmfp, fallback: Fallback, cluster: makeCluster } = wanted;
    const listening = new Listening(runtime, config, await certificatesOf(config, runtime));
    const faults = this.#options.faults ?? new Faults(() => clock.wall());
    const pluginLog = loggerOf("plugin");
    const asked: Plugin[] = [...plugins, ...originPlugins(config.relay, () => relay.gate)];
    const runner = new PluginRunner(asked, {
      clock,
      ...hookLimits(config, tuning),
      onFault: (plugin, hook, error, context, args) => {
        faults.count("plugin", error, plugin);
        pluginLog.error("hook failed", {
          plugin,
          hook,
          error: maskSaid(errorText(error), rtmp.saidBy(context.sessionId ?? ""), context, args),
        });
      },
    });
    const hub = new Hub({
      clock,
      streams: registryOptions(config, runtime.memory?.()),
      pacing: pacing(config, tuning),
      onFault: (error) => {
        faults.count("tick", error);
        loggerOf("hub").error("internal error", { error: errorText(error) });
      },
    });
    const { folder, maxFiles } = config.sharedObjects;
    const store = folder === undefined
      ? undefined
      : new SharedObjectFiles(folder, maxFiles, runtime.openFile);
    const settings = rtmpSettings(config, tuning);
    const admission = new Admission<Evictable>(settings);
    const surroundings = { runtime, hub, plugins: runner, faults, admission };
    const origins = new MediaOrigins(config.http.mediaOrigins, config.host);
    const { recordings, recorder, files } = record?.(config, origins, surroundings) ?? {};
    const ownId = viaId(runtime.randomBytes);
    const cluster = makeCluster?.({
      ...{ config, hub, faults, runtime, recorder, clock: machine.clock },
      port: () => listening.ports.rtmp,
      relay: () => relay,
      rtmp: () => rtmp,
    });
    const relay: RelayService = new RelayService({
      ...surroundings,
      nodes: cluster,
      config: relaySettings(config),
      runtime: await relayRuntimeOf(config, runtime),
      ownId,
    });
    const rtmp: RtmpService = new RtmpService({
      ...{ config: settings, store, recordings, recorder, relay, ownId, nodePass: cluster?.pass },
      ...surroundings,
    });
    const flv = new FlvService({ config: flvSettings(config), origins, ...surroundings });
    const { folder: hlsFolder } = config.hls;
    const hls = new HlsService({
      config: hlsSettings(config),
      store: hlsFolder === undefined ? undefined : new SegmentFiles(hlsFolder, runtime.openFile),
      origins,
      ...surroundings,
    });
    const services: Service[] = [rtmp];
    // Ahead of the live streams, whose names may end as files do.
    if (files !== undefined) services.push(files);
    const old = oldWays(config, { ...surroundings, runtime, rtmp, Rtmfp });
    services.push(...old.services);
    services.push(flv, hls, relay);
    if (Fallback !== undefined) {
      const rules = fallbackSettings(config);
      services.push(new Fallback({ config: rules, recordings, ...surroundings }));
    }
    if (cluster !== undefined) services.push(cluster);
    if (recorder !== undefined) services.push(recorder);
    if (runtime.collect !== undefined) {
      services.push(
        new AtRest(clock, admission, () => runtime.collect!(), (error) => {
          loggerOf("server").debug("memory is not given back at rest", { error: errorText(error) });
        }),
      );
    }
    const lifecycle = new PluginLifecycle({
      clock,
      timeoutMs: config.hook.timeoutMs,
      onFault: (plugin, error) => {
        faults.count("plugin", error, plugin);
        pluginLog.error("could not be stopped", { plugin, error: errorText(error) });
      },
    });
    const { url: reconnectUrl } = config.reconnect;
    const view = new ControlView({
      runtime,
      hub,
      rtmp,
      services,
      plugins: runner,
      faults,
      recorder,
      relay,
      cluster,
      reconnectUrl,
    });

    const pluginView = new PluginView(hub, view, clock, (session, reason) => {
      pluginLog.info("session ended", { session, reason });
    });
    pluginView.tell(runner);

    if (cluster !== undefined) {
      runner.activity.listenToo((type, about) => cluster.tell(type, about));
    }

    // Before the ports are there: a plugin may have something to say against its routes.
    const http = httpSideOf({
      ...{ config, tuning, plugins, runner, runtime, faults, view, services, listening },
      reload: this.#options.reload,
    });
    const own = asked.slice(plugins.length);
    const reloading = new Reloading({
      ...{ clock, tuning, settings, runner, lifecycle, server: pluginView, http, own },
    });
    const parts = { hub, rtmp, services, lifecycle, pluginView, http, listening, reloading };
    let addresses: ServerAddresses;
    try {
      const door = { handler: http.handler, plain: plainOf(services) };
      addresses = await listening.open(rtmp, old.rtmfp, door, signal);
      hub.start();
      for (const service of services) service.start?.();
      http.start();
      await unlessAborted(lifecycle.start(plugins, pluginView), signal);
    } catch (error) {
      // Who was quick enough to connect must go as well.
      await this.#end(parts, 0).catch(() => {});
      throw error;
    }
    const { rtmps, rtmfp } = addresses;
    loggerOf("server").info("listening", {
      rtmp: formatAddress(addresses.rtmp),
      http: formatAddress(addresses.http),
      rtmps: rtmps && formatAddress(rtmps),
      rtmfp: rtmfp && formatAddress(rtmfp),
      socket: config.http.socket,
      runtime: `${runtime.name} ${runtime.version}`,
      plugins: plugins.map((plugin) => plugin.name),
    });
    return { addresses, view, ...parts };
  }

  /**
   * Takes up another configuration and other plugins while it runs: all clients stay, and what was asked of the
   * plugins before is answered by them. A plugin that is the same object goes on; another one of its name is
   * started in its place, with what it hands over.
   *
   * @param live settings that the caller takes up himself, such as `log.level`
   * @returns what counts from now on, and what needs a restart; `undefined` when the server does not run
   * @throws {ConfigError} when something is wrong with it, and nothing has changed
   * @throws {PluginStartError} when a plugin cannot be started; those before go on
   * @throws {UsageError} when a plugin cannot add its routes, and nothing has changed
   */
  async reload(
    { plugins = [], ...settings }: ServerConfig,
    live: readonly string[] = [],
  ): Promise<ReloadView | undefined> {
    const config = parseConfig(settings, this.#options.tuning);
    return await this.#lifecycle.running?.reloading.reload(
      () => this,
      { config, plugins },
      live,
      (now) => [this.#config, this.#plugins] = [now.config, now.plugins],
    );
  }

  /**
   * Sends a data message, such as `onTextData` or `onCuePoint`, to the players of a stream, in order
   * with its media.
   *
   * @param values plain data: numbers, texts, booleans, null, arrays, objects, dates
   * @returns `false` when nobody publishes the stream, or the server does not run
   * @throws {UsageError} when a value cannot be sent
   */
  sendData(stream: StreamKey, handler: string, ...values: readonly unknown[]): boolean {
    const { app, name } = stream;
    const sent = this.#lifecycle.running?.view.sendData(app, name, handler, values, false) ?? false;
    if (typeof sent === "string") throw new UsageError(sent);
    return sent;
  }

  /**
   * Calls a method of a client, and waits for its answer for `call.timeoutMs`. Rejects only with a
   * `UsageError`, when an argument cannot be sent.
   *
   * @param args plain data, as in {@link sendData}
   */
  async callClient(
    sessionId: string,
    method: string,
    ...args: readonly unknown[]
  ): Promise<ClientAnswer> {
    const session = this.#lifecycle.running?.rtmp.sessions.get(sessionId);
    return session === undefined ? { kind: "gone" } : await session.calls.call(method, args);
  }

  /**
   * Stops listening and resolves once every client is gone. Those that follow a Reconnect Request
   * are asked and served for up to `shutdown.drainMs`; then all that are left are told, and cut off
   * after `shutdown.ms`. Further calls wait for the same stop. While the server starts, that is given up:
   * `start()` rejects.
   */
  stop(): Promise<void> {
    return this.#lifecycle.stop();
  }

  /**
   * Ends what there is of a server, all of it whatever fails. Clients that follow a Reconnect Request
   * have `drainMs` to leave by themselves.
   */
  async #end(
    { hub, rtmp, services, lifecycle, pluginView, http, listening, reloading }: Parts,
    drainMs: number,
  ): Promise<void> {
    try {
      // From the first instant on health says so, while there are still ports to ask it at.
      const drained = rtmp.drain(drainMs, this.config.reconnect.url);
      listening.closeRtmp();
      await drained;
    } finally {
      try {
        // In a turn of its own: whoever stops us, a plugin for instance, may be in the middle of one.
        await Promise.resolve();
        hub.shutdown();
        const reloaded = reloading.close();
        await Promise.all(services.map((service) => service.stop(this.config.shutdown.ms)));
        pluginView.close();
        await reloaded;
        await lifecycle.stop();
      } finally {
        hub.close();
        http.close();
        await listening.close();
      }
    }
  }
}
