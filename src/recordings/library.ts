/**
 * The recordings of streams, and other files, by the names that players use: found in the folder of media,
 * opened once for all who play them.
 *
 * @module
 */
import type { MediaEntry, MediaFolder, MediaSource } from "./folder.ts";
import { openPlayed } from "./formats.ts";
import { isOfContainer, playedExtensions } from "./played_names.ts";
import { mediaPathParts } from "./path.ts";
import type { FileProblem, PlayedFile } from "./played_file.ts";
import { RecordedSeries } from "./series.ts";
import { SeriesFile } from "./series_file.ts";

/** Files of a stream's folder that are looked at for the newest one. */
const MAX_LOOKED_AT = 100_000;

/** Whose recording it is. */
export interface RecordingName {
  readonly app: string;
  readonly name: string;
  /** The container that is asked for: where there are several files, one of it. */
  readonly container?: "flv" | "mp4" | undefined;
}

/** A file that is open, to be closed by whoever opened it. */
export interface OpenRecording {
  readonly file: PlayedFile;
  /** In the folder of media; the newest where it is cut into several files. */
  readonly path: string;
  /** Whether it still goes on. */
  readonly grows: boolean;
  close(): void;
}

/** Why nothing was opened. */
export type NotOpened = FileProblem | "missing" | "unreadable";

/** A file of a folder. */
type Found = Pick<MediaEntry, "path" | "modified">;

/** A file, or a recording in several, that some play. */
interface Shared {
  readonly opened: Promise<PlayedFile | FileProblem>;
  users: number;
}

/** Finds and opens files for those who play them. */
export class RecordingLibrary {
  readonly #folder: MediaFolder;
  readonly #onFault: (error: unknown) => void;
  readonly #shared = new Map<string | RecordedSeries, Shared>();
  /** Recordings that go on, by their streams; in several formats there may be several of one. */
  readonly #underWay = new Map<string, RecordedSeries[]>();

  /** @param onFault is told what the disk says when a file cannot be opened or read */
  constructor(folder: MediaFolder, onFault: (error: unknown) => void) {
    this.#folder = folder;
    this.#onFault = onFault;
  }

  /**
   * A stream is recorded from now on, until what is returned has ended.
   *
   * @param zero where its first file begins, as those files will say (ms)
   */
  begin(stream: RecordingName, zero = 0): RecordedSeries {
    const path = pathOf(stream);
    const known = this.#underWay.get(path) ?? [];
    const series = new RecordedSeries(zero, () => {
      known.splice(known.indexOf(series), 1);
      if (known.length === 0 && this.#underWay.get(path) === known) this.#underWay.delete(path);
    });
    known.push(series);
    this.#underWay.set(path, known);
    return series;
  }

  /** The recording of a stream that goes on: the newest of the format that is asked for, or else the newest. */
  #current(path: string, container: RecordingName["container"]): RecordedSeries | undefined {
    const known = this.#underWay.get(path)?.filter(({ last }) => last !== undefined);
    const isAsked = ({ last }: RecordedSeries) => last!.path.endsWith(`.${container}`);
    return known?.findLast(isAsked) ?? known?.at(-1);
  }

  /** Recordings that are open. */
  get size(): number {
    return this.#shared.size;
  }

  /**
   * Which file would be played: that which the stream is recorded into now, `APP/NAME.flv`, `APP/NAME.mp4`,
   * or the newest in `APP/NAME/`. Never rejects.
   */
  async find(stream: RecordingName): Promise<string | undefined> {
    const path = pathOf(stream);
    const current = this.#current(path, stream.container);
    if (current !== undefined) return current.last!.path;
    try {
      return await this.#finished(path, stream.container);
    } catch (error) {
      this.#onFault(error);
      return undefined;
    }
  }

  /** Opens the file that {@link find} names. Never rejects. */
  async open(stream: RecordingName): Promise<OpenRecording | NotOpened> {
    try {
      const path = pathOf(stream);
      const current = this.#current(path, stream.container);
      if (current !== undefined) return await this.#shareSeries(current);
      const found = await this.#finished(path, stream.container);
      const source = found === undefined ? undefined : await this.#folder.open(found);
      return source === undefined ? "missing" : await this.#share(source);
    } catch (error) {
      this.#onFault(error);
      return "unreadable";
    }
  }

  async #finished(
    path: string,
    container: RecordingName["container"],
  ): Promise<string | undefined> {
    const extensions = playedExtensions(container);
    if (mediaPathParts(path + extensions[0]) === undefined) return undefined;
    for (const extension of extensions) {
      const source = await this.#folder.open(path + extension);
      if (source === undefined) continue;
      await source.close();
      return source.path;
    }
    const isAsked = (path: string) => container !== undefined && isOfContainer(path, container);
    let newest: Found | undefined;
    let count = 0;
    for await (const entry of this.#folder.list(path, 0)) {
      if (++count > MAX_LOOKED_AT) break;
      if (!extensions.some((extension) => entry.path.endsWith(extension))) continue;
      if (newest === undefined || isBefore(newest, entry, isAsked)) newest = entry;
    }
    return newest?.path;
  }

  /** `source` is closed by the last who closes what is returned, or at once. */
  async #share(source: MediaSource): Promise<OpenRecording | FileProblem> {
    const { path } = source;
    const key = `${source.version} ${path}`;
    if (this.#shared.has(key)) source.close().catch(this.#onFault);
    return await this.#enter(key, () => opened(source), path, () => false);
  }

  async #shareSeries(series: RecordedSeries): Promise<OpenRecording | FileProblem> {
    const { path } = series.last!;
    return await this.#enter(
      series,
      () => SeriesFile.open(series, this.#folder),
      path,
      () => series.grows,
    );
  }

  async #enter(
    key: string | RecordedSeries,
    open: () => Promise<PlayedFile | FileProblem>,
    path: string,
    grows: () => boolean,
  ): Promise<OpenRecording | FileProblem> {
    const shared = this.#shared.get(key) ?? { opened: open(), users: 0 };
    this.#shared.set(key, shared);
    // Counted before anything is waited for: another one may be closing it.
    shared.users++;
    let isOpen = true;
    const close = () => {
      if (!isOpen) return;
      isOpen = false;
      if (--shared.users > 0) return;
      if (this.#shared.get(key) === shared) this.#shared.delete(key);
      shared.opened.then(
        (file) => typeof file === "string" ? undefined : file.close(),
        () => {},
      ).catch(this.#onFault);
    };
    try {
      const file = await shared.opened;
      if (typeof file === "string") {
        close();
        return file;
      }
      return {
        file,
        path,
        get grows() {
          return grows();
        },
        close,
      };
    } catch (error) {
      close();
      throw error;
    }
  }
}

/** Opens a file, and closes what cannot be played. */
async function opened(source: MediaSource): Promise<PlayedFile | FileProblem> {
  let file: PlayedFile | FileProblem | undefined;
  try {
    return file = await openPlayed(source, () => false);
  } finally {
    if (file === undefined || typeof file === "string") await source.close();
  }
}

/** Whether `other` is rather to be played than `one`: it is of the container that is asked for, or newer. */
function isBefore(one: Found, other: Found, isAsked: (path: string) => boolean): boolean {
  const asked = isAsked(other.path);
  if (asked !== isAsked(one.path)) return asked;
  return other.modified > one.modified ||
    other.modified === one.modified && other.path > one.path;
}

function pathOf({ app, name }: RecordingName): string {
  return app === "" ? name : `${app}/${name}`;
}
