/**
 * The HTTP side of a server: control API, events, dashboard, pages and routes of plugins, in one handler.
 *
 * @module
 */
import type { Config, Tuning } from "./config/mod.ts";
import { hex } from "./core/bytes/hex.ts";
import { errorText, type Faults } from "./faults.ts";
import {
  createHttpHandler,
  DashboardFeed,
  EventFeed,
  Pages,
  type Reload,
  Slices,
} from "./http/mod.ts";
import type { Listening } from "./listening.ts";
import { loggerOf } from "./log/log.ts";
import type { Plugin, PluginRunner } from "./plugin/mod.ts";
import type { HttpHandler, Runtime } from "./ports.ts";
import type { Service } from "./service/surroundings.ts";
import { apiSettings, pageSettings } from "./settings_of.ts";
import { maskMentions } from "./text.ts";
import type { ControlView } from "./view/control_view.ts";

/** What the HTTP side is made with. */
export interface HttpSideOptions {
  readonly config: Config;
  readonly tuning: Tuning;
  readonly plugins: readonly Plugin[];
  readonly runner: PluginRunner;
  readonly runtime: Pick<Runtime, "clock" | "randomBytes">;
  readonly faults: Faults;
  readonly view: ControlView;
  readonly services: readonly Service[];
  readonly listening: Listening;
  readonly reload: Reload | undefined;
}

/** The HTTP side of one server. */
export interface HttpSide {
  /** Answers whatever is asked. */
  readonly handler: HttpHandler;
  /**
   * Takes up other plugins, and what of the configuration can change. @returns what puts it in force
   *
   * @throws {UsageError} when a plugin cannot add its routes
   */
  exchange(config: Config, plugins: readonly Plugin[]): () => void;
  /** Measures for the dashboard from now on, if there is one. */
  start(): void;
  /** Ends what lasts as long as somebody reads it. */
  close(): void;
}

/** Makes it. @throws {UsageError} when a plugin cannot add its routes */
export function httpSideOf(options: HttpSideOptions): HttpSide {
  const { config, tuning, plugins, runner, runtime: { clock, randomBytes }, faults } = options;
  const { view: server, services, listening } = options;
  const fault = (route: string) => (error: unknown) => {
    faults.count("http", error);
    loggerOf("http").error("request failed", { route, error: errorText(error) });
  };
  const feed = new DashboardFeed({
    server,
    slices: new Slices(() => clock.now()),
    clock,
    ports: () => listening.ports,
    onError: fault("/events"),
  });
  const events = new EventFeed({ clock, run: hex(randomBytes(4)) });
  runner.activity.listen(events.tell);
  const pages = new Pages(pageSettings(config), fault("/~/"));
  const api = createHttpHandler({
    server,
    plugins,
    feed,
    events,
    ...apiSettings(config, tuning),
    clock,
    reload: options.reload,
    onChange: ({ address, ...change }) => {
      loggerOf("audit").info("changed by the API", { ...change, peer: address });
      runner.activity.tell("api.changed", change);
    },
    onError: (error, route, said) => {
      faults.count("http", error);
      const text = maskMentions(errorText(error), said());
      loggerOf("http").error("request failed", { route, error: text });
    },
  });
  let known = config.api;
  return {
    handler: (request, remote, about) => {
      for (const service of services) {
        const answer = service.handle?.(request, remote, about);
        if (answer !== undefined) return answer;
      }
      return pages.handle(request) ?? api.handler(request, remote);
    },
    exchange(next, plugins) {
      const { apiToken, apiTokens, statistics } = apiSettings(next, tuning);
      const show = api.exchange({ plugins, apiToken, apiTokens, statistics });
      return () => {
        show();
        // Who reads on with a token that is gone has to show another one.
        const isSame = JSON.stringify(next.api) === JSON.stringify(known);
        known = next.api;
        if (isSame) return;
        feed.cut();
        events.cut();
      };
    },
    start() {
      if (config.dashboard.enabled) feed.start();
    },
    close() {
      feed.close();
      events.close();
    },
  };
}
