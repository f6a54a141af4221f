/**
 * Which tracks of a stream a player is sent, and in which form.
 *
 * @module
 */
import { type Capabilities, readsMultitrack } from "../core/rtmp/session/mod.ts";

/** In place of a track id: every track, as it is published. */
export const ALL_TRACKS = -1;

/** What a player is sent of a stream with several tracks. */
export interface TrackChoice {
  /** Id of the one video track, 0 to 255, or {@linkcode ALL_TRACKS}. */
  readonly video: number;
  /** Id of the one audio track, or {@linkcode ALL_TRACKS}. */
  readonly audio: number;
  /** Whether H.264 and AAC that are taken out of multitrack messages go out in their old form. */
  readonly legacy: boolean;
}

/** What a parameter of the query asks for; `undefined` when it says nothing of tracks. */
function wanted(parameter: string | null): number | undefined {
  if (parameter === "all") return ALL_TRACKS;
  if (parameter === null || !/^\d{1,3}$/.test(parameter)) return undefined;
  const id = Number(parameter);
  return id <= 255 ? id : undefined;
}

/**
 * What a player is sent: the tracks that `video` and `audio` of its query name, by id or `all`. Where
 * it names none, all that is published if it announced that it reads several tracks, else track 0.
 */
export function chooseTracks(query: URLSearchParams, client: Capabilities): TrackChoice {
  const usual = readsMultitrack(client) ? ALL_TRACKS : 0;
  return {
    video: wanted(query.get("video")) ?? usual,
    audio: wanted(query.get("audio")) ?? usual,
    legacy: !client.enhanced,
  };
}
