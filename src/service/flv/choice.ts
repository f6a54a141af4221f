/**
 * What a client is sent of a stream, by the query of its URL and by what it calls itself.
 *
 * @module
 */
import { type Capabilities, CapsEx, NO_CAPABILITIES } from "../../core/rtmp/session/mod.ts";
import { chooseTracks, type TrackChoice } from "../track_choice.ts";

/** What a client is sent. */
export interface FlvChoice {
  readonly audio: boolean;
  readonly video: boolean;
  readonly tracks: TrackChoice;
  /** As it is published; else in the form that players in web pages read. */
  readonly enhanced: boolean;
}

/** What clients are taken to know of Enhanced RTMP that read all of it. */
const EVERYTHING: Capabilities = { ...NO_CAPABILITIES, enhanced: true, capsEx: CapsEx.Multitrack };

/** The first versions that read several tracks and every codec: FFmpeg 8 (libavformat 62), GStreamer 1.28. */
const READERS: readonly [agent: RegExp, major: number, minor: number][] = [
  [/^Lavf\/(\d+)\.(\d+)/, 62, 0],
  [/^GStreamer souphttpsrc (\d+)\.(\d+)/, 1, 28],
];

/** Whether a client that calls itself so reads what is published as it is. */
export function readsEverything(agent: string): boolean {
  return READERS.some(([pattern, major, minor]) => {
    const found = pattern.exec(agent);
    if (found === null) return false;
    const [first, second] = [Number(found[1]), Number(found[2])];
    return first > major || (first === major && second >= minor);
  });
}

/**
 * What a client is sent: `enhanced=1` or `0` says in which form; `audio=none` and `video=none` leave one
 * kind out; `audio=1` and `video=1` choose tracks by their ids, `all` takes them all.
 */
export function chooseFlv(query: URLSearchParams, agent: string): FlvChoice {
  const asked = query.get("enhanced");
  const enhanced = asked === "1" || (asked !== "0" && readsEverything(agent));
  return {
    audio: query.get("audio") !== "none",
    video: query.get("video") !== "none",
    tracks: chooseTracks(query, enhanced ? EVERYTHING : NO_CAPABILITIES),
    enhanced,
  };
}
