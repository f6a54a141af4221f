/**
 * A viewer of HLS that knows no parts: it reads its playlist again and again, asks for each whole
 * segment that is new in it, and counts what it gets.
 *
 * @module
 */
import { text } from "./http_line.ts";
import { LinePair } from "./line_pair.ts";

/** Between two readings of a playlist (ms): half a second, which is often for segments of 2 s. */
const RELOAD_MS = 500;
/** How many segments before the last one it begins with, as players do. */
const BEHIND = 3;

/** A viewer. */
export class SegmentViewer extends LinePair {
  #path: string;
  /** Number of the next segment that is wanted. */
  #wanted = -1;
  #queue: string[] = [];
  #busy = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `path` of the playlist, of whichever kind. */
  constructor(port: number, path: string) {
    super(port);
    this.#path = path;
    this.#read();
  }

  override close(): void {
    clearTimeout(this.#timer);
    super.close();
  }

  #read(): void {
    this.lists.get(this.#path, true, (status, body) => {
      const lines = status === 200 ? text(body!).split("\n").map((line) => line.trim()) : [];
      const names = lines.filter((line) => line !== "" && !line.startsWith("#"));
      if (lines.some((line) => line.startsWith("#EXT-X-STREAM-INF"))) {
        this.#path = this.#beside(names[0]!);
        return this.#read();
      }
      // A list that is not there yet, or has nothing yet, comes with the first segment.
      if (names.length > 0) this.#take(lines, names);
      else if (status !== 200 && status !== 404) this.errors++;
      this.#timer = setTimeout(() => this.#read(), RELOAD_MS);
    });
  }

  #take(lines: readonly string[], names: readonly string[]): void {
    const tag = lines.find((line) => line.startsWith("#EXT-X-MEDIA-SEQUENCE:"));
    const first = Number(tag?.split(":")[1] ?? 0);
    const end = first + names.length;
    if (this.#wanted < 0) this.#wanted = Math.max(first, end - BEHIND);
    for (let at = Math.max(this.#wanted, first); at < end; at++) {
      this.#queue.push(this.#beside(names[at - first]!));
    }
    this.#wanted = end;
    this.#fetch();
  }

  #fetch(): void {
    if (this.#busy) return;
    const path = this.#queue.shift();
    if (path === undefined) return;
    this.#busy = true;
    this.media.get(path, false, (status) => {
      this.#busy = false;
      if (status === 200) this.joined();
      else this.errors++;
      this.#fetch();
    });
  }

  /** The path of what is named in the playlist. */
  #beside(name: string): string {
    return this.#path.slice(0, this.#path.lastIndexOf("/") + 1) + name;
  }
}
