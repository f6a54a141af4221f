/**
 * The HTTP side of the server.
 *
 * @module
 */
export { createHttpApp, createHttpHandler, type HttpAppOptions } from "./app.ts";
export { DEFAULT_BODY_LIMITS } from "./body.ts";
export type { ErrorCode } from "./error.ts";
export type {
  AudioTrackView,
  AudioView,
  EnhancedView,
  HealthView,
  List,
  Page,
  PublisherView,
  ServerView,
  SessionView,
  StreamView,
  VideoTrackView,
  VideoView,
} from "./view.ts";
