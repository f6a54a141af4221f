/**
 * The HTTP side of the server.
 *
 * @module
 */
export { API_BASE, createHttpApp, createHttpHandler, type HttpAppOptions } from "./app.ts";
export { DashboardFeed, type FeedOptions } from "./dashboard/mod.ts";
export { DEFAULT_BODY_LIMITS } from "./body.ts";
export type { ApiChange, ChangeListener } from "./audit.ts";
export { EventFeed, type EventFeedOptions } from "./events/mod.ts";
export type { ErrorCode } from "./error.ts";
export { Pages, type PageSettings } from "./pages/pages.ts";
export type { StatisticsSettings } from "./statistics/mod.ts";
export type { Reload, ReloadView } from "./reload.ts";
export { Slices } from "./slices.ts";
export {
  type ApiToken,
  type Caller,
  formatApiToken,
  makeApiToken,
  readApiToken,
  type Role,
  TOKEN_BYTES,
} from "./tokens.ts";
export type {
  AudioTrackView,
  AudioView,
  EnhancedView,
  HealthView,
  List,
  Page,
  PublisherView,
  RecordingView,
  RelayView,
  ServerView,
  SessionView,
  StreamMeasure,
  StreamSample,
  StreamView,
  Totals,
  VideoTrackView,
  VideoView,
} from "./view.ts";
