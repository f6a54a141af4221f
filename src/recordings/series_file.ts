/**
 * A recording that was cut into files as one that is played: from one file on to the next, and to the one under
 * way. Shared by all who play it; of its files a few are open at a time.
 *
 * @module
 */
import type { MediaFolder, MediaSource } from "./folder.ts";
import { openPlayed } from "./formats.ts";
import type {
  BlockEnd,
  FileProblem,
  PlayedFile,
  PlayedMessage,
  PlayedPlace,
  Stand,
} from "./played_file.ts";
import type { RecordedSeries, SeriesPart } from "./series.ts";

/** Files of one recording that stay open: players are at few places of it at a time. */
const MOST_OPEN = 16;

/** A file is begun with, behind its headers. */
const BEGINNING = -1;

/** A file that is open. */
interface OpenPart {
  /** `undefined` when it is not there, or there is nothing in it that could be played. */
  readonly opened: Promise<PlayedFile | undefined>;
  users: number;
  /** It is no longer kept: the last who uses it closes it. */
  isLeft: boolean;
}

/** The files of a recording that goes on, as one. */
export class SeriesFile implements PlayedFile {
  readonly #series: RecordedSeries;
  readonly #folder: MediaFolder;
  readonly #open = new Map<number, OpenPart>();
  #hasVideo = false;
  #duration = 0;
  #described: (duration: number) => Uint8Array = () => new Uint8Array(0);
  #problem: FileProblem | undefined;
  #isClosed = false;

  private constructor(series: RecordedSeries, folder: MediaFolder) {
    this.#series = series;
    this.#folder = folder;
  }

  /** Opens the first file in which there is something. @throws what its disk throws */
  static async open(
    series: RecordedSeries,
    folder: MediaFolder,
  ): Promise<SeriesFile | FileProblem> {
    const file = new SeriesFile(series, folder);
    let isThere: true | undefined;
    for (let part = series.first; part !== undefined; part = series.after(part.number)) {
      isThere = await file.#with(part, (inner) => {
        file.#described = (duration) => inner.metadataOf(duration);
        return Promise.resolve(true as const);
      });
      if (isThere) break;
    }
    if (isThere === undefined) {
      await file.close();
      return file.#problem ?? "no-media";
    }
    await file.measure();
    return file;
  }

  get duration(): number {
    return this.#duration;
  }

  get hasVideo(): boolean {
    return this.#hasVideo;
  }

  get metadata(): Uint8Array {
    return this.metadataOf(this.#duration);
  }

  metadataOf(duration: number): Uint8Array {
    return this.#described(duration);
  }

  async measure(): Promise<void> {
    for (let part = this.#series.last; part !== undefined;) {
      const { start, number } = part;
      const end = await this.#with(part, async (file) => {
        await file.measure();
        return start + file.duration;
      });
      if (end !== undefined) return void (this.#duration = Math.max(this.#duration, end));
      part = this.#series.before(number);
    }
  }

  async place(time: number): Promise<PlayedPlace> {
    const at = this.#series.at(time);
    // One under way may have nothing in it yet.
    for (let part = at; part !== undefined; part = this.#series.before(part.number)) {
      const found = await this.#placeIn(part, time);
      if (found !== undefined) return found;
    }
    // What was there is gone.
    for (let part = at; part !== undefined; part = this.#series.after(part.number)) {
      const found = await this.#placeIn(part, time);
      if (found !== undefined) return found;
    }
    throw new Error("Nothing is left of the recording");
  }

  async #placeIn(part: SeriesPart, time: number): Promise<PlayedPlace | undefined> {
    const { start, number } = part;
    const found = await this.#with(part, async (file) => {
      // It may have grown since it was last looked at.
      if (time - start > file.duration) await file.measure();
      return await file.place(Math.max(0, time - start));
    });
    return found && { ...found, part: number, time: start + found.time };
  }

  async read(
    stand: Stand,
    take: (message: PlayedMessage) => void,
  ): Promise<BlockEnd | undefined> {
    let number = stand.part ?? 0;
    for (let from: Stand = stand;; from = { offset: BEGINNING }) {
      const part = this.#series.get(number);
      // Asked before: what comes while it is read is read the next time.
      const grows = part?.target !== undefined;
      const end = part && await this.#with(part, (file) => readIn(part, file, from, take));
      if (end !== undefined) return { ...end, isFull: end.isFull || !grows };
      const next = grows ? undefined : this.#series.after(number);
      if (next === undefined) return undefined;
      number = next.number;
    }
  }

  /** Does something with one of the files; `undefined` when there is nothing in it, for now or for good. */
  async #with<Result>(
    part: SeriesPart,
    use: (file: PlayedFile) => Promise<Result | undefined>,
  ): Promise<Result | undefined> {
    if (this.#isClosed) return undefined;
    const { number } = part;
    const open = this.#open.get(number) ??
      { opened: this.#openPart(part), users: 0, isLeft: false };
    this.#open.delete(number);
    this.#open.set(number, open);
    open.users++;
    let isThere = false;
    try {
      const file = await open.opened;
      isThere = file !== undefined;
      return file && await use(file);
    } finally {
      open.users--;
      if (!isThere && this.#open.get(number) === open) this.#open.delete(number);
      if (open.isLeft) await this.#closeUnused(open);
      await this.#closeMany(MOST_OPEN);
    }
  }

  async #openPart(part: SeriesPart): Promise<PlayedFile | undefined> {
    const grows = () => part.target !== undefined;
    const isGrowing = grows();
    const source = await this.#sourceOf(part);
    let file: PlayedFile | FileProblem | undefined;
    try {
      file = source && await openPlayed(source, grows);
    } finally {
      if (typeof file !== "object") await source?.close();
    }
    if (typeof file === "object") {
      this.#hasVideo ||= file.hasVideo;
      return file;
    }
    if (typeof file === "string") this.#problem = file;
    if (!isGrowing) this.#series.drop(part);
    return undefined;
  }

  async #sourceOf(part: SeriesPart): Promise<MediaSource | undefined> {
    const { target } = part;
    if (target === undefined) return await this.#folder.open(part.path);
    try {
      return await target.read();
    } catch (error) {
      // It was finished at this moment.
      const source = await this.#folder.open(part.path);
      if (source === undefined) throw error;
      return source;
    }
  }

  async #closeMany(most: number): Promise<void> {
    for (const [number, open] of this.#open) {
      if (this.#open.size <= most) return;
      this.#open.delete(number);
      open.isLeft = true;
      await this.#closeUnused(open);
    }
  }

  async #closeUnused({ opened, users }: OpenPart): Promise<void> {
    if (users > 0) return;
    const file = await opened.catch(() => undefined);
    await file?.close();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#closeMany(0);
  }
}

async function readIn(
  { start, number }: SeriesPart,
  file: PlayedFile,
  stand: Stand,
  take: (message: PlayedMessage) => void,
): Promise<BlockEnd | undefined> {
  const shifted = { kind: 0, time: 0, payload: NONE, media: 0 };
  const taken = (message: PlayedMessage) => {
    shifted.kind = message.kind;
    shifted.time = message.time + start;
    shifted.payload = message.payload;
    shifted.media = message.media;
    take(shifted);
  };
  let from = stand;
  if (stand.offset === BEGINNING) {
    const place = await file.place(0);
    from = place;
    for (const header of place.headers) take({ ...header, time: start });
  }
  const end = await file.read(from, taken);
  return end && { ...end, next: { ...end.next, part: number } };
}

const NONE: Uint8Array = new Uint8Array(0);
