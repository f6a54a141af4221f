/**
 * An MP4 file that is played, fragmented or not, read piece by piece: its media where it is played, and of its
 * tables a few seconds at a time. Shared by all who play it.
 *
 * @module
 */
import { AmfEcmaArray } from "../core/amf/value.ts";
import { encodeAmf0 } from "../core/amf/amf0_encode.ts";
import { MediaFlag } from "../core/media/mod.ts";
import type { MediaSource } from "./folder.ts";
import { firstTime, Mp4Fragments, type ReadFragment } from "./mp4_fragments.ts";
import { blockEndIn, readSamples } from "./mp4_messages.ts";
import { type Movie, readMovie } from "./mp4_movie.ts";
import { descriptionsAt, type LoadedRun, type Mp4Run, RunBuilder } from "./mp4_run.ts";
import { CELL_MS, TrackTables } from "./mp4_tables.ts";
import {
  blockBytesOf,
  type BlockEnd,
  type FileProblem,
  type PlayedFile,
  type PlayedHeader,
  type PlayedMessage,
  type PlayedPlace,
  type Stand,
} from "./played_file.ts";
import { RunCache } from "./run_cache.ts";

/** How far before a time its key frame is looked for (ms), then twice as far, and so on. */
const FIRST_STEP_BACK_MS = 4_000;

/** Most fragments that are looked at for one place. */
const MAX_WALK = 10_000;

/** A file that can be played. */
export class Mp4File implements PlayedFile {
  readonly source: MediaSource;
  readonly movie: Movie;
  /** Place in the movie of the track that seeks go by. */
  readonly #lead: number;
  /** By the tracks of the movie; those that have no samples in tables are left out. */
  #tables: ReadonlyMap<number, TrackTables> = new Map();
  #cells = 0;
  readonly #fragments: Mp4Fragments;
  readonly #cache = new RunCache<LoadedRun>();
  #hasFragments = false;
  /** What is taken off all times (ms). */
  #base = 0;
  #duration = 0;
  #blockBytes = 0;
  /** Bytes for which the duration was looked for, and the last fragment then. */
  #measured = -1;
  #last: ReadFragment | undefined;

  private constructor(source: MediaSource, movie: Movie, grows: () => boolean) {
    this.source = source;
    this.movie = movie;
    this.#lead = Math.max(0, movie.tracks.findIndex(({ kind }) => kind === "video"));
    this.#fragments = new Mp4Fragments(source, movie, this.#lead, grows);
  }

  /**
   * Reads what a file says of itself, whatever its length.
   *
   * @param grows whether it is still being written
   * @throws what its disk throws
   */
  static async open(
    source: MediaSource,
    grows: () => boolean = () => false,
  ): Promise<Mp4File | FileProblem> {
    const movie = await readMovie(source);
    if (typeof movie === "string") return movie;
    const file = new Mp4File(source, movie, grows);
    await file.#readTables();
    file.#hasFragments = movie.isFragmented && file.#cells === 0 && await file.#fragments.open();
    if (file.#cells === 0 && !file.#hasFragments) return "no-media";
    await file.#measure();
    file.#blockBytes = blockBytesOf(source.size, file.duration);
    return file;
  }

  async #readTables(): Promise<void> {
    const { tracks } = this.movie;
    const used = tracks.flatMap((track, place) =>
      (track.tables?.sizes.count ?? 0) > 0 ? [[place, track] as const] : []
    );
    this.#base = Math.min(...used.map(([, { shift }]) => shift));
    const tables = new Map<number, TrackTables>();
    for (const [place, track] of used) {
      const walked = await TrackTables.walk(this.source, track, this.#base);
      if (walked.cells === 0) continue;
      tables.set(place, walked);
      this.#cells = Math.max(this.#cells, walked.cells);
      this.#duration = Math.max(this.#duration, walked.lastTime);
    }
    this.#tables = tables;
  }

  get duration(): number {
    return this.#duration;
  }

  get hasVideo(): boolean {
    return this.movie.tracks[this.#lead]!.kind === "video";
  }

  get metadata(): Uint8Array {
    return this.metadataOf(this.#duration);
  }

  metadataOf(duration: number): Uint8Array {
    const members: [string, number][] = [["duration", duration / 1000]];
    const { tracks } = this.movie;
    const video = tracks.find(({ kind }) => kind === "video");
    if (video !== undefined) {
      members.push(["width", video.coding.width], ["height", video.coding.height]);
      members.push(["videocodecid", codecIdOf(video)]);
    }
    const audio = tracks.find(({ kind }) => kind === "audio");
    if (audio !== undefined) {
      members.push(["audiocodecid", codecIdOf(audio)]);
      members.push(["audiosamplerate", audio.coding.sampleRate]);
      members.push(["audiochannels", audio.coding.channels]);
    }
    return encodeAmf0("onMetaData", new AmfEcmaArray(members));
  }

  close(): Promise<void> {
    return this.source.close();
  }

  async measure(): Promise<void> {
    await this.source.refresh();
    await this.#measure();
  }

  async #measure(): Promise<void> {
    const { size } = this.source;
    if (!this.#hasFragments || size === this.#measured) return;
    this.#measured = size;
    let last = this.#last ?? await this.#fragments.last();
    for (; last !== undefined; last = await this.#fragments.read(last.next)) {
      this.#last = last;
      this.#duration = Math.max(this.#duration, last.run.lastTime());
    }
  }

  /** A run by its place; `undefined` when there is nothing more, for now or for good. */
  async load(place: number): Promise<LoadedRun | undefined> {
    if (this.#hasFragments) return await this.#fragments.read(place);
    if (place >= this.#cells) return undefined;
    return await this.#cache.get(place, async () => {
      const builder = new RunBuilder(this.movie.tracks, this.#base);
      for (const [track, tables] of this.#tables) {
        await tables.read(place, (sample) => builder.add(track, sample));
      }
      const next = Math.min(...[...this.#tables.values()].map((tables) => tables.next(place)));
      return { run: builder.build(), next: Math.min(next, this.#cells) };
    });
  }

  async place(time: number): Promise<PlayedPlace> {
    const to = Math.min(time, this.#duration);
    if (to > 0) {
      const found = this.#hasFragments ? await this.#inFragments(to) : await this.#inTables(to);
      if (found !== undefined) return found;
    }
    const offset = this.#hasFragments ? this.movie.end : 0;
    const first = await this.load(offset);
    return { time: 0, offset, index: 0, headers: this.#headers(first?.run, 0) };
  }

  async #inTables(time: number): Promise<PlayedPlace | undefined> {
    const lead = this.#tables.get(this.#lead);
    let cell = Math.floor(time / CELL_MS);
    for (; lead !== undefined; cell--) {
      cell = lead.keyedCell(cell);
      const loaded = cell < 0 ? undefined : await this.load(cell);
      if (loaded === undefined) return undefined;
      const index = loaded.run.lastKey(this.#lead, time);
      if (index >= 0) return this.#placeAt(loaded.run, cell, index);
    }
    return undefined;
  }

  async #inFragments(time: number): Promise<PlayedPlace | undefined> {
    for (let back = 0;; back = Math.max(FIRST_STEP_BACK_MS, back * 2)) {
      const from = await this.#fragments.before(Math.max(0, time - back));
      if (from === undefined) return undefined;
      const found = await this.#walk(from, time);
      if (found !== undefined || back >= time) return found;
    }
  }

  /** The last place at or before `time` in the fragments from this one on. */
  async #walk(from: ReadFragment, time: number): Promise<PlayedPlace | undefined> {
    let found: PlayedPlace | undefined;
    let fragment: ReadFragment | undefined = from;
    for (let count = 0; fragment !== undefined && count < MAX_WALK; count++) {
      const { run, offset, next }: ReadFragment = fragment;
      if (firstTime(run, this.#lead) > time) break;
      const index = run.lastKey(this.#lead, time);
      if (index >= 0) found = this.#placeAt(run, offset, index);
      if (run.lastTime(this.#lead) > time) break;
      fragment = await this.#fragments.read(next);
    }
    return found;
  }

  #placeAt(run: Mp4Run, offset: number, index: number): PlayedPlace {
    return { time: run.time(index), offset, index, headers: this.#headers(run, index) };
  }

  /** The sequence headers that hold from a sample on. */
  #headers(run: Mp4Run | undefined, from: number): PlayedHeader[] {
    const descriptions = descriptionsAt(this.movie.tracks, run, from);
    return this.movie.tracks.flatMap(({ messages }, track) => {
      const found = messages[descriptions[track]! - 1] ?? messages.find((one) => one !== undefined);
      const payload = found?.header;
      if (payload === undefined) return [];
      const flags = found!.multitrack ? MediaFlag.Multitrack : 0;
      return [{ kind: found!.kind, payload, media: MediaFlag.SequenceHeader | flags }];
    });
  }

  async read(
    stand: Stand,
    take: (message: PlayedMessage) => void,
  ): Promise<BlockEnd | undefined> {
    let { offset: place, index = 0 } = stand;
    let loaded = stand.known as LoadedRun | undefined;
    for (let count = 0; count < MAX_WALK; count++) {
      loaded ??= await this.#loadAgain(place);
      if (loaded === undefined) return undefined;
      const { run, next } = loaded;
      if (index < run.count) {
        const to = blockEndIn(run, index, this.#blockBytes);
        await readSamples(this.source, this.movie.tracks, run, index, to, take);
        const isLast = to === run.count && next !== undefined;
        return {
          next: isLast ? { offset: next } : { offset: place, index: to, known: loaded },
          isFull: true,
        };
      }
      if (next === undefined) return undefined;
      place = next;
      index = 0;
      loaded = undefined;
    }
    return undefined;
  }

  async #loadAgain(place: number): Promise<LoadedRun | undefined> {
    const found = await this.load(place);
    if (found !== undefined) return found;
    // One under way may have grown.
    await this.source.refresh();
    return await this.load(place);
  }
}

function codecIdOf({ messages }: Movie["tracks"][number]): number {
  return messages.find((one) => one !== undefined)!.codecId;
}
