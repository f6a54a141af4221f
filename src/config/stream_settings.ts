/**
 * The settings of streams, players and shared objects.
 *
 * @module
 */
import * as v from "valibot";
import { isReconnectUrl } from "../core/rtmp/session/mod.ts";
import { choice, integer, meta, MiB } from "./setting.ts";

/** `lowest`, `auto` or milliseconds. */
const LATENCY = /^(?:lowest|auto|1000|\d{1,3})$/;
/** An application and its latency. */
const APP_LATENCY = /^[^=\s]{1,512}=(?:lowest|auto|1000|\d{1,3})$/;

/** In the order in which the help shows them. */
export const streamSettings = {
  reconnectUrl: v.optional(v.pipe(
    v.string(),
    v.check(isReconnectUrl),
    meta({
      group: "Streams",
      text:
        "Where clients that follow a Reconnect Request go when this server stops or the control" +
        " API sends them; without it they come here again.",
      expected:
        "a URL of RTMP such as rtmp://other.example/live, or //other.example/live, or /live",
      placeholder: "URL",
    }),
  )),
  publishPolicy: choice("replace", ["replace", "reject"], {
    group: "Streams",
    text: "What happens to a second publisher of a live name: it takes over, or it is refused." +
      " Two encoders that are set to one name and come back by themselves take it from each other" +
      " for ever under `replace`: the log says so once.",
  }),
  reconnectWindowMs: integer(10_000, 0, 3_600_000, {
    group: "Streams",
    unit: "ms",
    text: "How long players are kept after the connection of their publisher was lost, for it to" +
      " come back; 0 ends them at once, as a publisher does that says goodbye.",
  }),
  playWaitMs: integer(10_000, 0, 3_600_000, {
    group: "Streams",
    unit: "ms",
    text: "How long a player waits for a publisher that is not there yet; 0 answers" +
      " NetStream.Play.StreamNotFound at once.",
  }),
  mediaMemoryBytes: integer(0, 0, 2 ** 50, {
    group: "Streams",
    unit: "bytes",
    text:
      "Memory for the media of all streams together: caches, what waits for players, headers. Over" +
      " this the largest caches are emptied, then the players furthest behind skip. 0 is half of the" +
      " memory of the machine or its control group, or 1 GiB where that is not known.",
  }),
  gopCacheBytes: integer(32 * MiB, 0, 1024 * MiB, {
    group: "Streams",
    unit: "bytes",
    text: "Media kept since the last key frame, so that players start at once; 0 keeps none.",
  }),
  gopCacheFrames: integer(2500, 0, 1_000_000, {
    group: "Streams",
    text: "The same bound in audio and video messages; 0 keeps none.",
  }),
  gopCacheMs: integer(30_000, 0, 600_000, {
    group: "Streams",
    unit: "ms",
    text:
      "The same bound in time, for what is more than a quarter of gopCacheBytes; 0 keeps none. x264" +
      " by default makes a key frame every 250 frames, which is 10.4 s at 24 frames per second, so" +
      " 30 s also holds slower sources.",
  }),

  latency: v.optional(
    v.pipe(
      v.string(),
      v.regex(LATENCY),
      meta({
        group: "Players",
        text: "How long media may be held back to send more of it with one write: `lowest` never," +
          " `auto` not until there are many players, a number always that many milliseconds.",
        expected: "lowest, auto, or a whole number of milliseconds from 0 to 1000",
        placeholder: "lowest|auto|MS",
      }),
    ),
    "auto",
  ),
  appLatency: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.regex(APP_LATENCY))),
      v.maxLength(100),
      meta({
        group: "Players",
        text: "The same for one application, such as radio=lowest.",
        expected: "a list of APP=LATENCY, at most 100",
        placeholder: "APP=LATENCY",
      }),
    ),
    (): string[] => [],
  ),
  latencyAutoMs: integer(25, 0, 1000, {
    group: "Players",
    unit: "ms",
    text:
      "The longest that `auto` holds pictures back; sound waits for the next one, 45 ms at most." +
      " With over 500 players of a stream 1.4 times as long, so that pictures go out two by two;" +
      " up to four times where one core cannot serve so many players so often, some 1500 or more.",
  }),
  playerQueueBytes: integer(8 * MiB, 65_536, 1024 * MiB, {
    group: "Players",
    unit: "bytes",
    text: "Media waiting for one player. Over this, the player skips ahead to the next key frame.",
  }),
  playerQueueMs: integer(5000, 100, 600_000, {
    group: "Players",
    unit: "ms",
    text: "The same bound in time.",
  }),
  playerOverflows: integer(3, 0, 1000, {
    group: "Players",
    text:
      "A player that goes over either bound this often within a minute, having taken something" +
      " in between, is disconnected; 0 lets it skip for ever.",
  }),
  playerStallMs: integer(10_000, 100, 600_000, {
    group: "Players",
    unit: "ms",
    text: "A player that accepts no byte for this long is disconnected.",
  }),

  sharedObjects: v.optional(
    v.pipe(
      v.boolean(),
      meta({
        group: "Shared objects",
        text:
          "Let clients use shared objects, and change them unless a plugin decides otherwise. Off," +
          " what is said to them is read past.",
      }),
    ),
    false,
  ),
  sharedObjectFolder: v.optional(v.pipe(
    v.string(),
    v.nonEmpty(),
    meta({
      group: "Shared objects",
      text: "Folder that persistent shared objects are kept in. Without one there are none.",
      expected: "a path that is not empty",
      placeholder: "PATH",
    }),
  )),
  maxSharedObjects: integer(1000, 1, 100_000, {
    group: "Shared objects",
    text: "Shared objects in memory at once.",
  }),
  maxSharedObjectsPerApp: integer(100, 1, 100_000, {
    group: "Shared objects",
    text: "The same of one application.",
  }),
  maxSharedObjectsPerConnection: integer(16, 1, 1000, {
    group: "Shared objects",
    text: "Shared objects that one connection uses at once.",
  }),
  maxSharedObjectBytes: integer(32_768, 1024, 131_072, {
    group: "Shared objects",
    unit: "bytes",
    text: "Names and values of one shared object together, and also one message to it. Over this," +
      " it is refused.",
  }),
  maxSharedObjectProperties: integer(256, 1, 256, {
    group: "Shared objects",
    text: "Properties of one shared object. Over this, changes are refused.",
  }),
  maxSharedObjectFiles: integer(10_000, 1, 1_000_000, {
    group: "Shared objects",
    text: "Persistent shared objects in the folder. Over this, no new one is saved.",
  }),
};
