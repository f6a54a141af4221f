/**
 * Players: how long they wait, how far they may fall behind, and what is kept for those that join.
 *
 * @module
 */
import * as v from "valibot";
import { AUTO_WINDOW_MS, CROWD, CROWD_STRETCH, MAX_STRETCH, SOUND_WAIT_MS } from "../../hub/mod.ts";
import { HOUR, integer, meta, MiB, type Section, size, time } from "../setting.ts";

/** `lowest`, `auto` or milliseconds. */
const LATENCY = /^(?:lowest|auto|1000|\d{1,3})$/;

const latency = (text: string) =>
  v.pipe(
    v.string(),
    v.regex(LATENCY),
    meta({
      text,
      expected: "lowest, auto, or a whole number of milliseconds from 0 to 1000",
      placeholder: "lowest|auto|MS",
    }),
  );

const playEntries = {
  waitMs: time(
    10_000,
    0,
    HOUR,
    "How long a player waits for a publisher that is not there yet; 0 answers" +
      " NetStream.Play.StreamNotFound at once.",
  ),
  latency: v.optional(
    latency(
      "How long media may be held back to send more of it with one write: `lowest` never, a number" +
        " always that many milliseconds. `auto` not until there are many players, then pictures for" +
        ` ${AUTO_WINDOW_MS} ms at most, and sound until the next one, ${SOUND_WAIT_MS} ms at most;` +
        ` with over ${CROWD} players of a stream each half of them in turn waits for the next` +
        ` picture, where that comes within ${AUTO_WINDOW_MS * CROWD_STRETCH} ms; up to` +
        ` ${MAX_STRETCH} times as long where one core cannot serve so many players so often,` +
        " some 4000 or more.",
    ),
    "auto",
  ),
  queueBytes: size(
    8 * MiB,
    65_536,
    1024 * MiB,
    "Media waiting for one player. Over this, the player skips ahead to the next key frame.",
  ),
  queueMs: time(5000, 100, 600_000, "The same bound in time."),
  overflows: integer(3, 0, 1000, {
    text:
      "A player that goes over either bound this often within a minute, having taken something" +
      " in between, is disconnected; 0 lets it skip for ever.",
  }),
  stallMs: time(
    10_000,
    100,
    600_000,
    "A player that accepts no byte for this long is disconnected.",
  ),
};

/** The section `play`. */
export const play: Section<typeof playEntries> = { title: "Players", entries: playEntries };

const gopCacheEntries = {
  bytes: size(
    32 * MiB,
    0,
    1024 * MiB,
    "Media of one stream kept since the last key frame, so that players start at once; 0 keeps" +
      " none.",
  ),
  frames: integer(2500, 0, 1_000_000, {
    text: "The same bound in audio and video messages; 0 keeps none.",
  }),
  ms: time(
    30_000,
    0,
    600_000,
    "The same bound in time, for what is more than a quarter of the bound in bytes; 0 keeps none." +
      " x264 by default makes a key frame every 250 frames, which is 10.4 s at 24 frames per second," +
      " so 30 s also holds slower sources.",
  ),
};

/** The section `gopCache`. */
export const gopCache: Section<typeof gopCacheEntries> = {
  title: "GOP cache",
  entries: gopCacheEntries,
};

const appEntries = {
  latency: v.optional(latency("As `play.latency`, for the players of this application.")),
};

/** The section that each application may have in `apps`. */
export const app: Section<typeof appEntries> = { title: "Applications", entries: appEntries };
