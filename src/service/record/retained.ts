/**
 * Which files of the folder of media are recordings, and may be removed when they are too old or too many:
 * other files are of whoever put them there.
 *
 * @module
 */
import type { StreamKey } from "../../hub/mod.ts";
import { recordingFolder } from "../../recordings/file_name.ts";
import { formatOf } from "./formats.ts";
import type { StreamPatterns } from "./stream_patterns.ts";

/** Streams without a pattern whose recordings are known; of more, those that are longest ago are forgotten. */
const MAX_KNOWN = 10_000;

/** Knows them by the patterns of the settings, and others by having recorded them since the server began. */
export class Retained {
  readonly #streams: StreamPatterns;
  readonly #publishers: StreamPatterns;
  readonly #known = new Set<string>();

  /** @param streams patterns of what is recorded, @param publishers of those whose publishers may ask */
  constructor(streams: StreamPatterns, publishers: StreamPatterns) {
    this.#streams = streams;
    this.#publishers = publishers;
  }

  /** A stream is recorded: into its folder, or as a file beside that. */
  add(stream: StreamKey, isOwn: boolean): void {
    const known = recordingFolder(stream) + (isOwn ? "" : "/");
    this.#known.delete(known);
    this.#known.add(known);
    if (this.#known.size <= MAX_KNOWN) return;
    for (const oldest of this.#known) {
      this.#known.delete(oldest);
      break;
    }
  }

  /** Whether a file is a recording. */
  has(path: string): boolean {
    if (formatOf(path) === undefined) return false;
    const cut = path.lastIndexOf("/");
    const bare = path.slice(0, path.lastIndexOf("."));
    if (this.#known.has(path.slice(0, cut + 1)) || this.#known.has(bare)) return true;
    return this.#publishers.has(keyOf(bare)) ||
      cut > 0 && this.#streams.has(keyOf(path.slice(0, cut)));
  }

  /**
   * Whose recording a file is: by the folder that it is in, or by its own name where it stands beside that,
   * as those of publishers do.
   */
  streamOf(path: string): StreamKey {
    const folder = keyOf(path.slice(0, Math.max(0, path.lastIndexOf("/"))));
    const beside = keyOf(path.slice(0, path.lastIndexOf(".")));
    return !this.#streams.has(folder) && this.#publishers.has(beside) ? beside : folder;
  }
}

/** The stream whose folder a path is. */
function keyOf(path: string): StreamKey {
  const cut = path.lastIndexOf("/");
  return { app: path.slice(0, Math.max(0, cut)), name: path.slice(cut + 1) };
}
