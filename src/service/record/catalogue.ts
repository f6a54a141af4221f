/**
 * Recordings as the control API lists them: those under way, and finished files.
 *
 * @module
 */
import type { StreamKey } from "../../hub/mod.ts";
import { recordingFolder } from "../../recordings/file_name.ts";
import type { MediaEntry, MediaFolder, MediaSource } from "../../recordings/folder.ts";
import { mediaPathParts } from "../../recordings/path.ts";
import type { RecordFormat } from "../../recordings/record_wish.ts";
import { formatOf, FORMATS } from "./formats.ts";
import type { RecordSource } from "./plan.ts";
import type { StreamRecording } from "./stream_recording.ts";

/** Most files that are looked at for a list. */
const MAX_LISTED = 100_000;

/** A recording under way. */
export interface UnderWay {
  readonly app: string;
  readonly name: string;
  readonly source: RecordSource;
  readonly format: RecordFormat;
  /** As its file will be called; `undefined` while it waits for media. */
  readonly file: string | undefined;
  readonly bytes: number;
  readonly durationMs: number;
  /** Messages that were left out because the disk was behind. */
  readonly omitted: number;
}

/** What there is. */
export interface Recordings {
  readonly underWay: readonly UnderWay[];
  /** Newest first. */
  readonly finished: readonly (MediaEntry & { readonly format: RecordFormat })[];
}

/** Lists, opens and removes recordings. Disks that fail make it reject. */
export class Catalogue {
  readonly #folder: MediaFolder;
  readonly #underWay: () => Iterable<StreamRecording>;

  /** @param underWay all that are */
  constructor(folder: MediaFolder, underWay: () => Iterable<StreamRecording>) {
    this.#folder = folder;
    this.#underWay = underWay;
  }

  /** All recordings, or those of one stream. */
  async list(stream?: StreamKey): Promise<Recordings> {
    const finished: (MediaEntry & { format: RecordFormat })[] = [];
    const take = (entry: MediaEntry) => {
      const format = formatOf(entry.path);
      if (format !== undefined) finished.push({ ...entry, format });
      return finished.length < MAX_LISTED;
    };
    const folder = stream === undefined ? "" : recordingFolder(stream);
    if (stream === undefined || mediaPathParts(folder) !== undefined) {
      for await (const entry of this.#folder.list(folder, stream && 0)) if (!take(entry)) break;
    }
    for (const entry of stream === undefined ? [] : await this.#beside(folder)) take(entry);
    finished.sort((a, b) => b.modified - a.modified || (a.path < b.path ? -1 : 1));
    const underWay: UnderWay[] = [];
    for (const recording of this.#underWay()) {
      const { app, name } = recording.stream;
      if (stream !== undefined && (app !== stream.app || name !== stream.name)) continue;
      const { plan: { source, format }, file, bytes, durationMs, omitted } = recording;
      underWay.push({ app, name, source, format, file, bytes, durationMs, omitted });
    }
    return { underWay, finished };
  }

  /** The files that a publisher has made beside the folder of its stream. */
  async #beside(folder: string): Promise<MediaEntry[]> {
    const entries: MediaEntry[] = [];
    for (const { extension } of Object.values(FORMATS)) {
      if (mediaPathParts(folder + extension) === undefined) continue;
      const source = await this.#folder.open(folder + extension);
      if (source === undefined) continue;
      const { path, size, modified } = source;
      await source.close();
      entries.push({ path, size, modified });
    }
    return entries;
  }

  /** Opens a finished recording; `undefined` when there is none of that path. */
  async open(path: string): Promise<MediaSource | undefined> {
    if (!isRecordingPath(path)) return undefined;
    return await this.#folder.open(path);
  }

  /** Removes a finished recording. @returns `false` when there is none; `under-way` while it is written */
  async remove(path: string): Promise<boolean | "under-way"> {
    if (!isRecordingPath(path)) return false;
    for (const { file } of this.#underWay()) if (file === path) return "under-way";
    return await this.#folder.remove(path);
  }
}

function isRecordingPath(path: string): boolean {
  return formatOf(path) !== undefined && mediaPathParts(path) !== undefined;
}
