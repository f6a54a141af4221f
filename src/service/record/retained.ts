/**
 * Which files of the folder of media are recordings, and may be removed when they are too old or too many:
 * other files are of whoever put them there.
 *
 * @module
 */
import type { StreamKey } from "../../hub/mod.ts";
import { recordingFolder } from "../../recordings/file_name.ts";
import { mediaPathParts } from "../../recordings/path.ts";
import { formatOf } from "./formats.ts";
import type { StreamPatterns } from "./stream_patterns.ts";

/** Streams without a pattern whose recordings are known; of more, those that are longest ago are forgotten. */
const MAX_KNOWN = 10_000;

/** Knows them by the patterns of the settings, and others by having recorded them. */
export class Retained {
  readonly #streams: StreamPatterns;
  readonly #publishers: StreamPatterns;
  readonly #known = new Set<string>();
  /** Whether there are other {@link lines} than those that were noted. */
  hasChanged = false;

  /** @param streams patterns of what is recorded, @param publishers of those whose publishers may ask */
  constructor(streams: StreamPatterns, publishers: StreamPatterns) {
    this.#streams = streams;
    this.#publishers = publishers;
  }

  /** A stream is recorded: into its folder, or as a file beside that. */
  add(stream: StreamKey, isOwn: boolean): void {
    const patterns = isOwn ? this.#publishers : this.#streams;
    if (patterns.has(stream)) return;
    const known = recordingFolder(stream) + (isOwn ? "" : "/");
    if (!this.#known.delete(known)) this.hasChanged = true;
    this.#known.add(known);
    this.#bound();
  }

  #bound(): void {
    for (const oldest of this.#known) {
      if (this.#known.size <= MAX_KNOWN) return;
      this.#known.delete(oldest);
    }
  }

  /** What has to be known the next time: streams that no pattern names. */
  get lines(): readonly string[] {
    return [...this.#known];
  }

  /** Takes note of what was known the last time. What can be no stream is passed over. */
  restore(lines: readonly string[]): void {
    const newer = [...this.#known];
    for (const line of lines) {
      if (mediaPathParts(line.replace(/\/$/, "")) !== undefined) this.#known.add(line);
    }
    for (const line of newer) {
      this.#known.delete(line);
      this.#known.add(line);
    }
    this.#bound();
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
