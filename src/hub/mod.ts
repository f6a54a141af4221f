/**
 * Live streams in memory: who publishes, who plays, what is cached and dropped. Knows no protocol,
 * no socket and no clock.
 *
 * @module
 */
export type { Asker } from "./asker.ts";
export { placeToGiveUp } from "./fair_room.ts";
export { type FrameEncoder, FrameFlag, FrameKind, LEFT_OUT, type MediaFrame } from "./frame.ts";
export { GopCache, type GopCacheLimits, SMALL_GOP_SHARE } from "./gop_cache.ts";
export type { Half } from "./fanout/halves.ts";
export { KEY_WAIT_MS, KeyClock, SELDOM_KEY_MS } from "./key_clock.ts";
export { OVERFLOW_WINDOW_MS, type PlayerLimits } from "./fanout/lag_limits.ts";
export { LogPage, MediaLog } from "./fanout/media_log.ts";
export { MediaBuffer, MediaMemory, type Writer } from "./media_memory.ts";
export { MediaTrack } from "./ingest/media_track.ts";
export { Player } from "./fanout/player.ts";
export type { PlayEnd, PlayerChannel, PlayerObserver, PlayerSink } from "./fanout/player_ports.ts";
export {
  type KeyFrameFault,
  Ownership,
  type PublishedStream,
  type PublisherInfo,
  type PublisherObserver,
  type RevokeReason,
  type StreamEnd,
} from "./publisher.ts";
export { StreamRegistry } from "./registry.ts";
export type { HubRefusal, RegistryOptions } from "./registry_options.ts";
export { Encoding, type EncodingSource } from "./fanout/encoding.ts";
export { LiveStream, type Publisher, type StreamLimits } from "./stream.ts";
export { KeyStart } from "./key_start.ts";
export type { StandIn } from "./stand_in.ts";
export { keyOf, type StreamKey } from "./stream_key.ts";
export { Hub, HUB_TICK_MS, type HubOptions } from "./hub.ts";
export { type Claim, CLAIM_MS } from "./claims.ts";
export type { HubClock, HubTimer } from "./clock.ts";
export type { HubObserver } from "./observers.ts";
export {
  AUTO_WINDOW_MS,
  CROWD,
  CROWD_LATE_MS,
  CROWD_STRETCH,
  FanoutPacer,
  type Latency,
  MAX_STRETCH,
  type PacerSettings,
  parseLatency,
  SOUND_WAIT_MS,
} from "./fanout/pacer.ts";
export type { FrameTap } from "./tap.ts";
export {
  MAX_STORED_DATA,
  MAX_STORED_DATA_BYTES,
  MAX_TRACK_BYTES,
  MAX_TRACKS,
  StreamHeaders,
} from "./ingest/stream_headers.ts";
export { StreamStats } from "./stream_stats.ts";
export {
  MAX_STEP_AHEAD_MS,
  MAX_STEP_BACK_MS,
  type MediaTime,
  Timeline,
} from "./ingest/timeline.ts";
export { WANT_MS, type Wanted } from "./wants.ts";
