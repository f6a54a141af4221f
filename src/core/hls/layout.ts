/**
 * Which tracks of a stream go into which playlist.
 *
 * @module
 */
import type { SampleTrack } from "../samples/mod.ts";

/** The tracks of one media playlist. */
export interface RenditionLayout {
  /** Short name, part of its address: `main`, or `audio` with the id of the track. */
  readonly name: string;
  readonly lead: SampleTrack;
  readonly tracks: readonly SampleTrack[];
}

/** The playlists of a stream. */
export interface Layout {
  /** What the variant is: pictures where there are any, with the sound if there is one track of it. */
  readonly main: RenditionLayout;
  /** Tracks of sound, if there are several: one of them is chosen beside the variant. */
  readonly audio: readonly RenditionLayout[];
}

/** Lays out the tracks that are known; `undefined` when there are none. */
export function layOut(tracks: readonly SampleTrack[]): Layout | undefined {
  const video = tracks.find(({ format }) => format.kind === "video");
  const audio = tracks.filter(({ format }) => format.kind === "audio");
  const lead = video ?? audio[0];
  if (lead === undefined) return undefined;
  const several = audio.length > 1;
  const along = several || video === undefined ? [] : audio;
  return {
    main: { name: "main", lead, tracks: [lead, ...along] },
    audio: several
      ? audio.map((track) => ({ name: `audio${track.trackId}`, lead: track, tracks: [track] }))
      : [],
  };
}
