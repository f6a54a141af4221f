/**
 * The recordings of streams, and other files, by the names that players use: found in the folder of media,
 * opened once for all who play them.
 *
 * @module
 */
import type { MediaFolder, MediaSource, MediaTarget } from "./folder.ts";
import { openPlayed, playedExtensions } from "./formats.ts";
import { mediaPathParts } from "./path.ts";
import type { FileProblem, PlayedFile } from "./played_file.ts";

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
  /** In the folder of media. */
  readonly path: string;
  /** Whether it is still being written. */
  readonly grows: boolean;
  close(): void;
}

/** Why nothing was opened. */
export type NotOpened = FileProblem | "missing" | "unreadable";

/** A file that some play. */
interface Shared {
  readonly opened: Promise<PlayedFile | FileProblem>;
  users: number;
}

/** Finds and opens files for those who play them. */
export class RecordingLibrary {
  readonly #folder: MediaFolder;
  readonly #onFault: (error: unknown) => void;
  readonly #shared = new Map<string, Shared>();
  /** Files under way by the streams that they record. */
  readonly #underWay = new Map<string, MediaTarget>();
  /** All files that are not finished: behind one that a segment follows, some of it may still be written. */
  readonly #growing = new Set<MediaTarget>();

  /** @param onFault is told what the disk says when a file cannot be opened or read */
  constructor(folder: MediaFolder, onFault: (error: unknown) => void) {
    this.#folder = folder;
    this.#onFault = onFault;
  }

  /** A stream is recorded into this file, until what is returned is called. */
  began(stream: RecordingName, target: MediaTarget): () => void {
    const path = pathOf(stream);
    this.#underWay.set(path, target);
    this.#growing.add(target);
    return () => {
      this.#growing.delete(target);
      if (this.#underWay.get(path) === target) this.#underWay.delete(path);
    };
  }

  /** Files that are open. */
  get size(): number {
    return this.#shared.size;
  }

  /**
   * Which file would be played: that which the stream is recorded into now, `APP/NAME.flv`, `APP/NAME.mp4`,
   * or the newest in `APP/NAME/`. Never rejects.
   */
  async find(stream: RecordingName): Promise<string | undefined> {
    const path = pathOf(stream);
    const target = this.#underWay.get(path);
    if (target !== undefined) return target.path;
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
      const target = this.#underWay.get(path);
      if (target !== undefined) return await this.#share(await target.read(), target);
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
    let newest: { path: string; modified: number } | undefined;
    let count = 0;
    for await (const entry of this.#folder.list(path, 0)) {
      if (++count > MAX_LOOKED_AT) break;
      if (!extensions.some((extension) => entry.path.endsWith(extension))) continue;
      const { modified } = newest ?? { modified: -Infinity };
      const isNewer = entry.modified > modified ||
        entry.modified === modified && entry.path > newest!.path;
      if (isNewer) newest = entry;
    }
    return newest?.path;
  }

  /** `source` is closed by the last who closes what is returned, or at once. */
  async #share(
    source: MediaSource,
    target?: MediaTarget,
  ): Promise<OpenRecording | FileProblem> {
    const { path } = source;
    const key = target === undefined ? `${source.version} ${path}` : `under way ${path}`;
    const known = this.#shared.get(key);
    const growing = this.#growing;
    const grows = () => target !== undefined && growing.has(target);
    const shared = known ?? { opened: opened(source, grows), users: 0 };
    this.#shared.set(key, shared);
    // Counted before anything is waited for: another one may be closing it.
    shared.users++;
    if (known !== undefined) source.close().catch(this.#onFault);
    let isOpen = true;
    const close = () => {
      if (!isOpen) return;
      isOpen = false;
      if (--shared.users > 0) return;
      if (this.#shared.get(key) === shared) this.#shared.delete(key);
      shared.opened.then(
        (file) => typeof file === "string" ? undefined : file.source.close(),
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
async function opened(
  source: MediaSource,
  grows: () => boolean,
): Promise<PlayedFile | FileProblem> {
  let file: PlayedFile | FileProblem | undefined;
  try {
    return file = await openPlayed(source, grows);
  } finally {
    if (file === undefined || typeof file === "string") await source.close();
  }
}

function pathOf({ app, name }: RecordingName): string {
  return app === "" ? name : `${app}/${name}`;
}
