/**
 * Names of what playlists list. No name ever stands for two things, so that caches may keep what they
 * have: each time a stream is packaged it has a run of its own.
 *
 * @module
 */

/** Names of one playlist in one run. */
export class FileNames {
  readonly #prefix: string;
  readonly #extension: string;

  /**
   * @param rendition short name of the playlist
   * @param run letters and digits that no other time had
   * @param extension of segments and parts, without a dot
   */
  constructor(rendition: string, run: string, extension: string) {
    this.#prefix = `${rendition}-${run}-`;
    this.#extension = extension;
  }

  /** A segment. */
  segment(msn: number): string {
    return `${this.#prefix}s${msn}.${this.#extension}`;
  }

  /** A part: they are counted on from one segment to the next, so that the next one is known. */
  part(index: number): string {
    return `${this.#prefix}p${index}.${this.#extension}`;
  }

  /** A Media Initialization Section. */
  map(index: number): string {
    return `${this.#prefix}i${index}.mp4`;
  }
}
