/**
 * The HTTP side of the server: the control API and the routes of plugins.
 *
 * @module
 */
import { Hono, type MiddlewareHandler } from "hono";
import { UsageError } from "../core/errors.ts";
import type { Plugin, RouteEnv } from "../plugin/mod.ts";
import type { Address, Clock } from "../ports.ts";
import { isLoopbackHost } from "../service/address.ts";
import { bearer, callerCheck, knownHost, localOnly, passwordToo, sameOrigin } from "./auth.ts";
import { type BodyLimits, DEFAULT_BODY_LIMITS, jsonBody, shortUrl } from "./body.ts";
import { audited, type ChangeListener } from "./audit.ts";
import { type DashboardFeed, eventRoutes } from "./dashboard/mod.ts";
import { bareFailure, failure, type FaultListener, onlyMethods, onThrow } from "./error.ts";
import { type EventFeed, liveEventRoutes } from "./events/mod.ts";
import { healthRoutes, readyRoutes } from "./health.ts";
import { openApiRoutes } from "./openapi/mod.ts";
import { recordingRoutes } from "./recordings.ts";
import { relayRoutes } from "./relays.ts";
import { type Reload, reloadRoutes } from "./reload.ts";
import { sessionRoutes } from "./sessions.ts";
import { Slices } from "./slices.ts";
import {
  DEFAULT_STATISTICS,
  Metrics,
  statisticsRoutes,
  type StatisticsSettings,
} from "./statistics/mod.ts";
import { streamRoutes } from "./streams.ts";
import type { ApiToken } from "./tokens.ts";
import type { ServerView } from "./view.ts";

/** What the app needs. */
export interface HttpAppOptions {
  readonly server: ServerView;
  /** The host that HTTP is bound to, as configured: an IP address or a name. */
  readonly host: string;
  /** The token of the control API; without any only this machine may use it. */
  readonly apiToken?: string;
  /** Tokens with roles, beside that one. */
  readonly apiTokens?: readonly ApiToken[];
  /** Plugins whose routes are served under `/plugins/<name>`. */
  readonly plugins?: readonly Plugin[];
  /** Bounds of what a request may carry; {@link DEFAULT_BODY_LIMITS} if left out. */
  readonly body?: BodyLimits;
  /** The events of the dashboard; without them there are none to ask for. */
  readonly feed?: DashboardFeed;
  /** What happens; without it there is nothing to read of it. */
  readonly events?: EventFeed;
  /** Reads the configuration again. */
  readonly reload?: Reload | undefined;
  /** Is told of what is changed, and by whom. Must not throw. */
  readonly onChange?: ChangeListener;
  /** Who may read the statistics; {@link DEFAULT_STATISTICS} if left out. */
  readonly statistics?: StatisticsSettings;
  /** What `/metrics` shows, where it is older than the app: its counters only grow. */
  readonly metrics?: Metrics;
  /** Watches the time that a body takes, which may be any without one, and that answers take. */
  readonly clock?: Clock;
  /** Is told of handlers that threw, for the log. Must not throw. */
  readonly onError: FaultListener;
}

/** Where the API is in its first version. */
export const API_BASE = "/api/v1";

/** Answers of the API are no documents: a browser that shows one runs and loads nothing. */
const POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";

/**
 * Makes the app. Call it as `app.fetch(request, { remote })`, or see {@link createHttpHandler}.
 *
 * The routes of plugins are guarded like the API. Where a plugin is `public` they need no token: once
 * one is set they are open to whoever reaches the port, and check for themselves who asks. Without a
 * token they are for this machine only, like all else.
 *
 * @throws {UsageError} when the token is empty, or a plugin cannot add its routes
 */
export function createHttpApp(options: HttpAppOptions): Hono<RouteEnv> {
  const { server, host, apiToken, apiTokens = [], plugins = [] } = options;
  if (apiToken === "") throw new UsageError("Cannot guard the control API with an empty token");

  const app = new Hono<RouteEnv>();
  app.onError(onThrow(options.onError));
  app.notFound((c) => failure(c, "not-found", "There is nothing here"));

  app.use(async (c, next) => {
    await next();
    // A WebSocket upgrade is no response to change.
    if (c.res.status !== 101) c.header("X-Content-Type-Options", "nosniff");
  });
  app.use(shortUrl);
  const token = apiToken === undefined && apiTokens.length === 0
    ? undefined
    : callerCheck(apiToken, apiTokens);
  const slices = new Slices(options.clock && (() => options.clock!.now()));
  const readers = token === undefined ? [knownHost(host), localOnly] : [
    ...(isLoopbackHost(host) ? [knownHost(host, passwordToo(token))] : []),
    bearer(passwordToo(token)),
  ];
  const { statistics = DEFAULT_STATISTICS, clock } = options;
  const { metrics = new Metrics(server, slices, statistics.streams) } = options;
  const wall = () => clock?.wall() ?? Date.now();
  app.route("/", statisticsRoutes(server, slices, metrics, statistics, readers, wall));
  app.route("/health/ready", readyRoutes(server));
  if (token === undefined || isLoopbackHost(host)) {
    app.use(knownHost(host, token));
  }
  if (token === undefined) app.use(localOnly, sameOrigin);
  const guards = token === undefined ? [] : [bearer(token), sameOrigin];
  for (const plugin of plugins) mount(app, plugin, plugin.public === true ? [] : guards);
  app.use(async (c, next) => {
    c.header("Cache-Control", "no-store");
    c.header("Content-Security-Policy", POLICY);
    await next();
  });
  for (const guard of guards) app.use(guard);
  if (options.onChange !== undefined) app.use(audited(options.onChange));
  app.use(jsonBody(options.body ?? DEFAULT_BODY_LIMITS, options.clock));
  // The names without a version are those of the time before there was one, and stay.
  for (const base of ["", API_BASE]) {
    app.route(`${base}/streams`, streamRoutes(server, slices));
    app.route(`${base}/sessions`, sessionRoutes(server, slices));
    app.route(`${base}/recordings`, recordingRoutes(server, slices));
    app.route(`${base}/relays`, relayRoutes(server, slices));
    app.route(`${base}/health`, healthRoutes(server));
    app.route(`${base}/reload`, reloadRoutes(options.reload));
  }
  app.route("/openapi.json", openApiRoutes(API_BASE));
  app.all("/metrics", onlyMethods("GET"));
  app.all("/stat", onlyMethods("GET"));
  if (options.feed !== undefined) {
    app.route("/events", eventRoutes(options.feed));
    app.route(`${API_BASE}/state`, eventRoutes(options.feed));
  }
  if (options.events !== undefined) {
    app.route(`${API_BASE}/events`, liveEventRoutes(options.events));
  }
  return app;
}

/** Answers one request of the control API or of a plugin; never rejects. */
export type ApiHandler = (request: Request, remote: Address) => Promise<Response>;

/** What of the options may change while it runs. */
export type HttpAppChanges = Partial<
  Pick<HttpAppOptions, "plugins" | "apiToken" | "apiTokens" | "statistics">
>;

/** The app in the shape of the transport. */
export interface HttpApp {
  readonly handler: ApiHandler;
  /**
   * Makes it anew with other plugins and settings. Requests that are under way end with those before.
   *
   * @returns what puts it in the place of the one before
   * @throws {UsageError} as {@link createHttpApp}
   */
  exchange(changes: HttpAppChanges): () => void;
}

/** Makes the app and gives it the shape of the transport. @throws {UsageError} as {@link createHttpApp} */
export function createHttpHandler(options: HttpAppOptions): HttpApp {
  const { server, clock } = options;
  let { streams } = options.statistics ?? DEFAULT_STATISTICS;
  const slices = new Slices(clock && (() => clock.now()));
  let metrics = new Metrics(server, slices, streams);
  let app = createHttpApp({ ...options, metrics });
  const handler: ApiHandler = async (request, remote) => {
    try {
      const response: unknown = await app.fetch(request, { remote });
      // Routes of plugins may be plain JavaScript.
      if (response instanceof Response) return response;
      throw new TypeError("A route answered with something that is no Response");
    } catch (error) {
      // What is thrown and no Error goes past Hono.
      options.onError(error, "unknown", () => []);
      return bareFailure();
    }
  };
  return {
    handler,
    exchange(changes) {
      const wanted = (changes.statistics ?? options.statistics ?? DEFAULT_STATISTICS).streams;
      // With another number of them it begins to count anew.
      const shown = wanted === streams ? metrics : new Metrics(server, slices, wanted);
      const next = createHttpApp({ ...options, ...changes, metrics: shown });
      return () => void ([app, metrics, streams] = [next, shown, wanted]);
    },
  };
}

/** Adds the routes of a plugin, behind `guards`. */
function mount(
  app: Hono<RouteEnv>,
  plugin: Plugin,
  guards: readonly MiddlewareHandler<RouteEnv>[],
): void {
  if (plugin.routes === undefined) return;
  const routes = new Hono<RouteEnv>();
  for (const guard of guards) routes.use(guard);
  let result: unknown;
  try {
    result = plugin.routes(routes);
  } catch (cause) {
    throw new UsageError(`Cannot add the routes of plugin "${plugin.name}"`, { cause });
  }
  if (result instanceof Promise) {
    result.catch(() => {}); // Refused below: what becomes of it does not matter.
    throw new UsageError(`Cannot add the routes of plugin "${plugin.name}": routes() is async`);
  }
  app.route(`/plugins/${plugin.name}`, routes);
}
