/**
 * Gives a server that runs another configuration and other plugins: all of it, or nothing where something is
 * wrong with it. No client notices.
 *
 * @module
 */
import { changesOf } from "./config/live.ts";
import { type Config, ConfigError, type Tuning } from "./config/mod.ts";
import { mistakeBetween } from "./config/mistake_between.ts";
import type { HttpSide } from "./http_side.ts";
import type { ReloadView } from "./http/mod.ts";
import type { Plugin, PluginLifecycle, PluginRunner, PluginServer } from "./plugin/mod.ts";
import type { Clock } from "./ports.ts";
import type { RtmpSettings } from "./service/rtmp/mod.ts";
import { rtmpSettings } from "./settings_of.ts";

/** What is asked of the plugins that go, at the most, for each ms that a hook may take. */
const LAST_ANSWERS = 2;

/** What a configuration is taken up by. */
export interface ReloadingParts {
  readonly clock: Clock;
  readonly tuning: Tuning;
  /** Those that the RTMP service looks at. */
  readonly settings: RtmpSettings;
  readonly runner: PluginRunner;
  readonly lifecycle: PluginLifecycle;
  readonly server: PluginServer;
  readonly http: Pick<HttpSide, "exchange">;
  /** What of the plugins of the runner is the server's own. */
  readonly own: readonly Plugin[];
}

/** What counts in a server. */
export interface Current {
  readonly config: Config;
  readonly plugins: readonly Plugin[];
}

/** Reloads one server, once at a time. */
export class Reloading {
  readonly #parts: ReloadingParts;
  #last: Promise<unknown> = Promise.resolve();
  #over = false;

  constructor(parts: ReloadingParts) {
    this.#parts = parts;
  }

  /**
   * Takes up `next` in the place of what `current` tells, and has it told what counts then.
   *
   * @param live settings that whoever asks takes up himself
   * @throws {ConfigError} when something is wrong with it, and nothing has changed
   * @throws {PluginStartError} when a plugin cannot be started; those before go on
   * @throws {UsageError} when a plugin cannot add its routes, and nothing has changed
   */
  reload(
    current: () => Current,
    next: Current,
    live: readonly string[],
    taken: (now: Current) => void,
  ): Promise<ReloadView | undefined> {
    // A server that stops takes up nothing any more.
    const done = this.#last.then(() =>
      this.#over ? undefined : this.#reload(current(), next, live, taken)
    );
    this.#last = done.catch(() => {});
    return done;
  }

  /** Takes up nothing more, and resolves once nothing is under way. */
  async close(): Promise<void> {
    this.#over = true;
    await this.#last;
  }

  async #reload(
    now: Current,
    next: Current,
    live: readonly string[],
    taken: (now: Current) => void,
  ): Promise<ReloadView> {
    const { clock, tuning, settings, runner, lifecycle, server, http, own } = this.#parts;
    const { config, ...changes } = changesOf(now.config, next.config, live);
    const mistake = mistakeBetween(next.config, next.plugins) ??
      mistakeBetween(config, next.plugins);
    if (mistake !== undefined) throw new ConfigError([mistake]);
    const isIn = (list: readonly Plugin[]) => (plugin: Plugin) => list.includes(plugin);
    const gone = now.plugins.filter((plugin) => !isIn(next.plugins)(plugin));
    const come = next.plugins.filter((plugin) => !isIn(now.plugins)(plugin));

    // What may throw comes first.
    const show = http.exchange(config, next.plugins);
    const before = runner.exchange([...next.plugins, ...own]);
    show();
    await before.idle(clock, LAST_ANSWERS * config.hook.timeoutMs);
    try {
      await lifecycle.exchange(gone, come, server);
    } catch (error) {
      const back = http.exchange(now.config, now.plugins);
      runner.exchange(before.plugins);
      back();
      throw error;
    }
    Object.assign(settings, rtmpSettings(config, tuning));
    taken({ config, plugins: next.plugins });
    runner.activity.tell("config.reloaded", { changed: changes.changed });
    const names = (plugins: readonly Plugin[]) => plugins.map(({ name }) => name);
    const [leave, arrive] = [names(gone), names(come)];
    return {
      ...changes,
      plugins: {
        added: arrive.filter((name) => !leave.includes(name)),
        reloaded: arrive.filter((name) => leave.includes(name)),
        removed: leave.filter((name) => !arrive.includes(name)),
      },
    };
  }
}
