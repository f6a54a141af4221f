/**
 * Tables of samples, walked from the first sample to the last once, so that from then on any some seconds of a
 * track can be read alone [ISO/IEC 14496-12 §8.6, §8.7]. In memory is only where they begin.
 *
 * @module
 */
import type { FileSample } from "../core/mp4/read/fragment.ts";
import type { MediaSource } from "./folder.ts";
import type { MovieTrack, SampleTable, SampleTables } from "./mp4_movie.ts";

/** How long a cell is (ms). */
export const CELL_MS = 4_000;

/** Most cells of a track, 72 hours, and most samples of one: what is behind or above is left out. */
const MAX_CELLS = 65_536;
const MAX_CELL_SAMPLES = 16_384;

/** Most samples of a track. */
const MAX_SAMPLES = 40_000_000;

/** Entries of a table that are read at a time while all of it is walked. */
const WALK_ENTRIES = 8 * 1024;

/** What is known where a cell begins. */
interface Cursor {
  /** Number of the next sample, from 0. */
  sample: number;
  /** Its time (ticks). */
  dts: number;
  /** Entry of `stts`, and samples of it that were used. */
  time: number;
  timeUsed: number;
  /** The same of `ctts`. */
  composition: number;
  compositionUsed: number;
  /** Entry of `stss`. */
  key: number;
  /** Entry of `stsc`. */
  run: number;
  /** Number of the chunk, from 0; samples of it that were used, and their bytes. */
  chunk: number;
  chunkUsed: number;
  chunkBytes: number;
}

const FIELDS = [
  ...["sample", "dts", "time", "timeUsed", "composition", "compositionUsed", "key", "run"],
  ...["chunk", "chunkUsed", "chunkBytes"],
] as const as readonly (keyof Cursor)[];

/** Of numbers by the order of {@linkcode FIELDS}; always of one shape, which makes walking twice as fast. */
function cursorOf(number: (index: number) => number): Cursor {
  return {
    sample: number(0),
    dts: number(1),
    time: number(2),
    timeUsed: number(3),
    composition: number(4),
    compositionUsed: number(5),
    key: number(6),
    run: number(7),
    chunk: number(8),
    chunkUsed: number(9),
    chunkBytes: number(10),
  };
}

/** Entries of a table that were read. */
class Entries {
  readonly table: SampleTable;
  /** How many the table has. */
  readonly count: number;
  readonly #view: DataView;
  readonly #entry: number;
  /** The first that was read, and the first behind. */
  readonly #first: number;
  readonly #end: number;

  constructor(table: SampleTable, entry: number, first = 0, bytes = new Uint8Array(0)) {
    this.table = table;
    this.count = table.count;
    this.#entry = entry;
    this.#first = first;
    this.#end = first + Math.floor(bytes.length / entry);
    this.#view = new DataView(bytes.buffer, 0, bytes.length);
  }

  /** Whether entry `at`, or a later one, is among those that were read, or is none of the table. */
  has(at: number): boolean {
    return at < this.#end || at >= this.count;
  }

  /** A number of entry `at`, `offset` bytes behind its beginning. */
  number(at: number, offset: number): number {
    return this.#view.getUint32((at - this.#first) * this.#entry + offset);
  }

  wide(at: number): number {
    return this.number(at, 0) * 2 ** 32 + this.number(at, 4);
  }

  /** Those from `first` on. `again`: what was read before is not needed any more, nor is this object. */
  async read(
    source: MediaSource,
    first: number,
    count: number,
    again = false,
  ): Promise<Entries> {
    const { table } = this;
    const from = Math.min(first, table.count);
    const size = Math.min(count, table.count - from) * this.#entry;
    const { buffer } = this.#view;
    const bytes = again && buffer.byteLength >= size
      ? new Uint8Array(buffer as ArrayBuffer, 0, size)
      : new Uint8Array(size);
    const done = bytes.length === 0 ? 0 : await source.read(bytes, table.at + from * this.#entry);
    return new Entries(table, this.#entry, from, bytes.subarray(0, done));
  }
}

const NO_TABLE: SampleTable = { at: 0, count: 0 };

/** All tables of a track, as far as they were read. */
interface Pieces {
  times: Entries;
  compositions: Entries;
  keys: Entries;
  runs: Entries;
  sizes: Entries;
  offsets: Entries;
}

function piecesOf(
  { times, compositions, keys, chunks, sizes, offsets, isWide, size }: SampleTables,
): Pieces {
  return {
    times: new Entries(times, 8),
    compositions: new Entries(compositions ?? NO_TABLE, 8),
    keys: new Entries(keys ?? NO_TABLE, 4),
    runs: new Entries(chunks, 12),
    sizes: new Entries(size > 0 ? NO_TABLE : sizes, 4),
    offsets: new Entries(offsets, isWide ? 8 : 4),
  };
}

/** A track whose samples are in tables. */
export class TrackTables {
  /** Cells in which there are samples: a file may claim that hours pass between two of them. */
  readonly #starts: number[] = [];
  /** Cursors where these begin, and one for the end, one number behind the other. */
  readonly #cursors: number[] = [];
  /** For each of them the last cell, up to it, in which a sample is to start at; -1 if there is none. */
  readonly #keyed: number[] = [];
  readonly #source: MediaSource;
  readonly #track: MovieTrack;
  readonly #tables: SampleTables;
  readonly #base: number;
  /** While it walks: when the next cell begins (ms), and the first sample of the present one. */
  #nextCell = 0;
  #cellStart = 0;
  /** The time of the last sample (ms); -1 without one. */
  lastTime = -1;

  private constructor(source: MediaSource, track: MovieTrack, base: number) {
    this.#source = source;
    this.#track = track;
    this.#tables = track.tables!;
    this.#base = base;
  }

  /** Walks the tables of a track that has some. `base`: what is taken off all times (ms). */
  static async walk(source: MediaSource, track: MovieTrack, base: number): Promise<TrackTables> {
    const tables = new TrackTables(source, track, base);
    await tables.#walk();
    return tables;
  }

  /** How many cells there are. */
  get cells(): number {
    return (this.#starts.at(-1) ?? -1) + 1;
  }

  /** The next cell behind this one in which there are samples; infinite when there is none. */
  next(cell: number): number {
    return this.#starts[this.#placeOf(cell) + 1] ?? Infinity;
  }

  /** The place of the last cell up to this one in which there are samples; -1 if there is none. */
  #placeOf(cell: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! <= cell) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The last cell up to this one with a sample to start at; -1 if there is none. */
  keyedCell(cell: number): number {
    return this.#keyed[this.#placeOf(cell)] ?? -1;
  }

  async #walk(): Promise<void> {
    const pieces = piecesOf(this.#tables);
    const cursor = cursorOf(() => 0);
    for (let isOn = true; isOn;) {
      const lacking = this.#advance(pieces, cursor);
      if (lacking === undefined) break;
      const [name, at] = lacking;
      pieces[name] = await pieces[name].read(this.#source, at, WALK_ENTRIES, true);
      // What is cut is all there is.
      isOn = pieces[name].has(at);
    }
    this.#mark(cursor);
    this.lastTime = Math.round(this.lastTime);
    for (let place = 0; place < this.#starts.length; place++) {
      this.#keyed[place] ??= place === 0 ? -1 : this.#keyed[place - 1]!;
    }
  }

  /** Walks as far as tables were read. @returns what has to be read; `undefined` at the end */
  #advance(pieces: Pieces, cursor: Cursor): [keyof Pieces, number] | undefined {
    const tables = this.#tables;
    const { timescale, shift } = this.#track;
    const count = Math.min(tables.sizes.count, MAX_SAMPLES);
    while (cursor.sample < count) {
      const lacking = lacks(pieces, cursor);
      if (lacking !== undefined) return lacking;
      if (!settle(pieces, cursor)) continue;
      if (isOver(pieces, cursor)) break;
      const time = cursor.dts * 1000 / timescale + shift - this.#base;
      if (time >= this.#nextCell) {
        const cell = Math.floor(time / CELL_MS);
        if (cell >= MAX_CELLS) return undefined;
        this.#mark(cursor);
        this.#starts.push(cell);
        this.#cellStart = cursor.sample;
        this.#nextCell = (cell + 1) * CELL_MS;
      }
      if (cursor.sample - this.#cellStart >= MAX_CELL_SAMPLES) break;
      if (time > this.lastTime) this.lastTime = time;
      const isKey = step(pieces, tables, cursor);
      const place = this.#starts.length - 1;
      if (isKey && place >= 0) this.#keyed[place] = this.#starts[place]!;
    }
    return undefined;
  }

  #mark(cursor: Cursor): void {
    for (const field of FIELDS) this.#cursors.push(cursor[field]);
  }

  #cursor(place: number): Cursor {
    const from = place * FIELDS.length;
    return cursorOf((index) => this.#cursors[from + index]!);
  }

  /** Hands the samples of a cell to `take`, with ranged reads of what the tables say of it. */
  async read(cell: number, take: (sample: FileSample) => void): Promise<void> {
    const place = this.#placeOf(cell);
    if (place < 0 || this.#starts[place] !== cell) return;
    const cursor = this.#cursor(place);
    const end = this.#cursor(place + 1);
    if (end.sample === cursor.sample) return;
    const empty = piecesOf(this.#tables);
    const read = (name: keyof Pieces, from: number, to: number) =>
      empty[name].read(this.#source, from, to - from + 2);
    const [times, compositions, keys, runs, sizes, offsets] = await Promise.all([
      read("times", cursor.time, end.time),
      read("compositions", cursor.composition, end.composition),
      read("keys", cursor.key, end.key),
      read("runs", cursor.run, end.run),
      read("sizes", cursor.sample, end.sample),
      read("offsets", cursor.chunk, end.chunk),
    ]);
    const pieces: Pieces = { times, compositions, keys, runs, sizes, offsets };
    while (cursor.sample < end.sample && lacks(pieces, cursor) === undefined) {
      if (!settle(pieces, cursor)) continue;
      if (isOver(pieces, cursor)) break;
      step(pieces, this.#tables, cursor, take);
    }
  }
}

/** Which table has to be read, from which entry on, before the next sample is known. */
function lacks(
  { times, compositions, keys, runs, sizes, offsets }: Pieces,
  { time, composition, key, run, chunk, sample }: Cursor,
): [keyof Pieces, number] | undefined {
  if (!times.has(time)) return ["times", time];
  if (!compositions.has(composition)) return ["compositions", composition];
  if (!keys.has(key)) return ["keys", key];
  if (!runs.has(run)) return ["runs", run];
  if (!runs.has(run + 1)) return ["runs", run];
  if (!sizes.has(sample)) return ["sizes", sample];
  return offsets.has(chunk) ? undefined : ["offsets", chunk];
}

/** Goes on to the entries that the next sample is in. @returns `false` when it went: look for them again */
function settle({ times, compositions, keys, runs, offsets }: Pieces, cursor: Cursor): boolean {
  if (cursor.time < times.count && cursor.timeUsed >= times.number(cursor.time, 0)) {
    cursor.time++;
    cursor.timeUsed = 0;
    return false;
  }
  const { composition } = cursor;
  if (
    composition < compositions.count &&
    cursor.compositionUsed >= compositions.number(composition, 0)
  ) {
    cursor.composition++;
    cursor.compositionUsed = 0;
    return false;
  }
  if (cursor.key < keys.count && keys.number(cursor.key, 0) <= cursor.sample) {
    cursor.key++;
    return false;
  }
  if (cursor.run >= runs.count || cursor.chunk >= offsets.count) return true;
  if (cursor.chunkUsed >= runs.number(cursor.run, 4)) {
    cursor.chunk++;
    cursor.chunkUsed = cursor.chunkBytes = 0;
    const next = cursor.run + 1;
    if (next < runs.count && runs.number(next, 0) <= cursor.chunk + 1) cursor.run = next;
    return false;
  }
  return true;
}

/** Whether tables say nothing of the next sample. */
function isOver({ times, runs, offsets }: Pieces, { time, run, chunk }: Cursor): boolean {
  return time >= times.count || run >= runs.count || chunk >= offsets.count;
}

/** Takes the next sample. @returns whether one can start at it */
function step(
  { times, compositions, keys, runs, sizes, offsets }: Pieces,
  { isSigned, isWide, size: allSize, keys: keyTable }: SampleTables,
  cursor: Cursor,
  take?: (sample: FileSample) => void,
): boolean {
  const { sample, dts, chunk } = cursor;
  const size = allSize > 0 ? allSize : sizes.number(sample, 0);
  const duration = times.number(cursor.time, 4);
  const isNamed = cursor.key < keys.count && keys.number(cursor.key, 0) === sample + 1;
  if (isNamed) cursor.key++;
  const key = keyTable === undefined || isNamed;
  if (take !== undefined) {
    const has = cursor.composition < compositions.count;
    const said = has ? compositions.number(cursor.composition, 4) : 0;
    take({
      ...{ size, dts, duration, key },
      description: runs.number(cursor.run, 8),
      offset: (isWide ? offsets.wide(chunk) : offsets.number(chunk, 0)) + cursor.chunkBytes,
      // Many files have signed ones where the version does not say so.
      composition: isSigned || said >= 2 ** 31 ? said | 0 : said,
    });
  }
  cursor.sample++;
  cursor.dts += duration;
  cursor.timeUsed++;
  cursor.compositionUsed++;
  cursor.chunkUsed++;
  cursor.chunkBytes += size;
  return key;
}
