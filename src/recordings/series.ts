/**
 * The files that one recording is cut into, on one time line: those that are finished, and the one under way.
 *
 * @module
 */
import type { MediaTarget } from "./folder.ts";

/** Most files of one recording that are known: of a longer one the beginning cannot be played by its name. */
const MAX_PARTS = 10_000;

/** A file of a recording. */
export interface SeriesPart {
  /** Its place among the files of the recording; others may be missing. */
  readonly number: number;
  /** Where it begins on the time line of the recording (ms). */
  readonly start: number;
  /** In the folder of media; of one under way as it will be called. */
  readonly path: string;
  /** While it is written. */
  readonly target: MediaTarget | undefined;
}

/** What a part is until it is finished. */
type ChangingPart = { -readonly [Name in keyof SeriesPart]: SeriesPart[Name] };

/** A file that begins. */
export interface NewPart {
  /** It can be read from now on. */
  onOpen(target: MediaTarget): void;
  /** It is written no more. `path`: as it is called now, if it was finished. */
  onEnd(path?: string): void;
}

/** A recording of a stream while it goes on. */
export class RecordedSeries {
  readonly #parts: ChangingPart[] = [];
  readonly #onOver: () => void;
  readonly #zero: number;
  /** Files that have begun, and are not finished. */
  #growing = 0;
  #hasEnded = false;

  /**
   * @param zero where its first file begins (ms): that is 0 for who plays it
   * @param onOver nothing comes to it any more, and all of it can be read
   */
  constructor(zero: number, onOver: () => void) {
    this.#zero = zero;
    this.#onOver = onOver;
  }

  /** Whether more may come. */
  get grows(): boolean {
    return !this.#hasEnded || this.#growing > 0;
  }

  /** Whether no file begins any more. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The newest file; `undefined` while there is none. */
  get last(): SeriesPart | undefined {
    return this.#parts.at(-1);
  }

  /** The oldest file that is known. */
  get first(): SeriesPart | undefined {
    return this.#parts[0];
  }

  /**
   * A file begins.
   *
   * @param number greater than those of all before
   * @param start where, on the time line of the recording (ms)
   */
  begin(number: number, start: number): NewPart {
    this.#growing++;
    let part: ChangingPart | undefined;
    let isOver = false;
    return {
      onOpen: (target) => {
        part = { number, start: start - this.#zero, path: target.path, target };
        this.#parts.splice(this.#search((one) => one.number > number), 0, part);
        if (this.#parts.length > MAX_PARTS) this.#parts.shift();
      },
      onEnd: (path) => {
        if (isOver) return;
        isOver = true;
        this.#growing--;
        if (part !== undefined) {
          part.target = undefined;
          if (path === undefined) this.drop(part);
          else part.path = path;
        }
        this.#look();
      },
    };
  }

  /** No file begins any more. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#look();
  }

  #look(): void {
    if (!this.grows) this.#onOver();
  }

  /** A file that was removed, or cannot be played. */
  drop(part: SeriesPart): void {
    const index = this.#parts.findIndex(({ number }) => number === part.number);
    if (index >= 0) this.#parts.splice(index, 1);
  }

  /** The file of this number, if it is there. */
  get(number: number): SeriesPart | undefined {
    const part = this.#parts[this.#search((one) => one.number >= number)];
    return part?.number === number ? part : undefined;
  }

  /** The file that a time is in: the first one if it is before that. */
  at(time: number): SeriesPart | undefined {
    return this.#parts[Math.max(0, this.#search((part) => part.start > time) - 1)];
  }

  /** The next file behind one of this number. */
  after(number: number): SeriesPart | undefined {
    return this.#parts[this.#search((part) => part.number > number)];
  }

  /** The one before it. */
  before(number: number): SeriesPart | undefined {
    return this.#parts[this.#search((part) => part.number >= number) - 1];
  }

  /** The first place in the list from which on `is` is true of all. */
  #search(is: (part: SeriesPart) => boolean): number {
    let low = 0;
    let high = this.#parts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (is(this.#parts[middle]!)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
