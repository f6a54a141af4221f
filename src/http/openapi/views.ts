/**
 * The views of the API as schemas, which are those of the interfaces: what does not fit does not compile.
 *
 * @module
 */
import * as v from "valibot";
import { SUBSYSTEMS } from "../../faults.ts";
import type { HealthView, RecordingView, RelayView, SessionView, StreamView } from "../view.ts";
import type { ReloadView } from "../reload.ts";

const text = v.string();
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const maybe = v.nullable(v.number());
const maybeText = v.nullable(text);
const time = v.pipe(text, v.description("ISO 8601, UTC"));

const video = {
  codec: text,
  codecString: maybeText,
  width: maybe,
  height: maybe,
  frameRate: maybe,
  bitDepth: maybe,
  hdr: v.nullable(v.picklist(["pq", "hlg"])),
  bitrate: maybe,
};
const audio = {
  codec: text,
  codecString: maybeText,
  sampleRate: maybe,
  channels: maybe,
  bitDepth: maybe,
  bitrate: maybe,
};

/** A stream. */
export const Stream = v.strictObject({
  app: text,
  name: text,
  publisher: v.nullable(
    v.strictObject({ sessionId: text, address: text, client: text, since: time }),
  ),
  uptimeMs: count,
  video: v.nullable(v.strictObject(video)),
  audio: v.nullable(v.strictObject(audio)),
  tracks: v.strictObject({
    video: v.array(v.strictObject({ id: count, ...video })),
    audio: v.array(v.strictObject({ id: count, ...audio })),
  }),
  players: count,
  bytesIn: count,
  bytesOut: count,
  droppedFrames: count,
  keyFrameAgeMs: maybe,
  gopMs: maybe,
  videoAgeMs: maybe,
  audioAgeMs: maybe,
  audioOffsetMs: maybe,
  droppedBeforeKeyFrame: count,
  standIn: v.optional(text),
  node: v.optional(text),
  metadata: v.optional(v.record(text, v.unknown())),
});

const codecs = v.record(text, v.number());

/** A session. */
export const Session = v.strictObject({
  id: text,
  protocol: text,
  secure: v.boolean(),
  address: text,
  app: text,
  state: text,
  client: text,
  since: time,
  bytesIn: count,
  bytesOut: count,
  enhanced: v.nullable(v.strictObject({
    fourCcList: v.nullable(v.array(text)),
    videoFourCcInfoMap: codecs,
    audioFourCcInfoMap: codecs,
    capsEx: v.number(),
    videoFunction: v.number(),
  })),
  publishing: v.array(text),
  playing: v.array(text),
});

/** A recording. */
export const Recording = v.strictObject({
  file: maybeText,
  format: v.picklist(["flv", "mp4"]),
  state: v.picklist(["recording", "finished"]),
  bytes: count,
  durationMs: maybe,
  changedAt: v.nullable(time),
  app: maybeText,
  name: maybeText,
  source: v.nullable(v.picklist(["settings", "plugin", "publisher", "api"])),
  omittedFrames: maybe,
});

/** A target or a source. */
export const Relay = v.strictObject({
  id: text,
  direction: v.picklist(["push", "pull"]),
  app: text,
  name: text,
  url: text,
  source: v.picklist(["settings", "plugin", "api", "origin", "cluster"]),
  state: v.picklist(["waiting", "connecting", "publishing", "playing", "retrying"]),
  since: v.nullable(time),
  bitrate: v.number(),
  bytes: count,
  droppedFrames: count,
  oddMessages: count,
  failures: count,
  error: v.nullable(v.strictObject({ kind: text, message: text })),
  leftOut: v.array(text),
});

/** How the server is. */
export const Health = v.strictObject({
  status: v.picklist(["ok", "degraded", "draining"]),
  version: text,
  runtime: text,
  uptimeMs: count,
  streams: count,
  sessions: count,
  mediaMemory: v.strictObject({ used: count, limit: v.number() }),
  plugins: v.array(v.strictObject({
    name: text,
    faults: count,
    lastFault: v.optional(v.strictObject({ hook: text, kind: text, error: text, at: time })),
    pending: count,
    late: count,
    healthy: v.boolean(),
  })),
  faults: v.array(v.strictObject({
    subsystem: v.picklist(SUBSYSTEMS),
    plugin: v.optional(text),
    count,
    lastError: text,
    lastAt: time,
  })),
  cluster: v.optional(v.strictObject({
    node: text,
    connected: v.boolean(),
    streams: count,
    nodes: v.array(v.strictObject({ node: text, url: text, streams: count })),
  })),
});

/** What has changed when the configuration was read again. */
export const Reloaded = v.strictObject({
  changed: v.pipe(v.array(text), v.description("settings that count from now on")),
  needsRestart: v.pipe(v.array(text), v.description("settings that count after a restart")),
  plugins: v.strictObject({
    added: v.array(text),
    reloaded: v.array(text),
    removed: v.array(text),
  }),
});

/** An error. */
export const Failure = v.strictObject({
  error: v.strictObject({
    code: v.pipe(text, v.description("a stable name")),
    message: v.pipe(text, v.description("for people; may change")),
  }),
});

/** Fails to compile where an interface and its schema differ. */
type Fits<Made, Interface> = [Made, keyof Interface] extends [Interface, keyof Made] ? true : never;
const fits: [
  Fits<v.InferOutput<typeof Stream>, StreamView>,
  Fits<v.InferOutput<typeof Session>, SessionView>,
  Fits<v.InferOutput<typeof Recording>, RecordingView>,
  Fits<v.InferOutput<typeof Relay>, RelayView>,
  Fits<v.InferOutput<typeof Reloaded>, ReloadView>,
  keyof HealthView extends keyof v.InferOutput<typeof Health> ? true : never,
] = [true, true, true, true, true, true];
void fits;
