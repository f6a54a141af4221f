/**
 * What the beginning of an MP4 file says: which tracks there are, how they are coded, and where their tables
 * of samples stand [ISO/IEC 14496-12 §8]. The tables themselves, which are long, are not read.
 *
 * @module
 */
import { boxIn, number32, number64 } from "../core/mp4/read/box_head.ts";
import { CodedMessages } from "../core/mp4/read/coded_message.ts";
import { readTrackExtends, type SampleDefaults } from "../core/mp4/read/fragment.ts";
import { readSampleEntries, type TrackCoding } from "../core/mp4/read/sample_entry.ts";
import { BoxWindow, type PlacedBox } from "./box_window.ts";
import type { MediaSource } from "./folder.ts";
import type { FileProblem } from "./played_file.ts";

/** Most tracks that are played. */
const MAX_TRACKS = 16;

/** Longest box that is read as a whole: descriptions, edits. */
const MAX_SMALL_BOX = 256 * 1024;

/** Most boxes at the top of a file before its movie: of fragments there are none. */
const MAX_TOP_BOXES = 4096;

/** A table of samples: entries that stand one behind the other in the file. */
export interface SampleTable {
  /** Where its first entry stands. */
  readonly at: number;
  /** How many there are. */
  readonly count: number;
}

/** The tables of a track. */
export interface SampleTables {
  /** Durations of samples: how many, how long. */
  readonly times: SampleTable;
  /** Composition times: how many, how much. */
  readonly compositions: SampleTable | undefined;
  /** Whether these are signed. */
  readonly isSigned: boolean;
  /** Numbers of the samples to start at; `undefined` when all are. */
  readonly keys: SampleTable | undefined;
  /** First chunk, samples in each, description. */
  readonly chunks: SampleTable;
  /** Sizes of samples; of one size all of them are if it is not 0. */
  readonly sizes: SampleTable;
  readonly size: number;
  /** Where chunks begin. */
  readonly offsets: SampleTable;
  /** Whether these have 64 bits. */
  readonly isWide: boolean;
}

/** A track that can be played. */
export interface MovieTrack {
  readonly id: number;
  readonly kind: "audio" | "video";
  /** Ticks of a second. */
  readonly timescale: number;
  /** Milliseconds that edits add to the times of its samples. */
  readonly shift: number;
  /** By the numbers of its sample entries, the first of which is 1; `undefined` where it cannot be played. */
  readonly messages: readonly (CodedMessages | undefined)[];
  /** The first of them that can be played. */
  readonly coding: TrackCoding;
  readonly defaults: SampleDefaults;
  readonly tables: SampleTables | undefined;
}

/** What there is in a file. */
export interface Movie {
  readonly tracks: readonly MovieTrack[];
  /** Whether there are, or will be, fragments behind it. */
  readonly isFragmented: boolean;
  /** Where it ends. */
  readonly end: number;
}

/** A track before it is known what is added to it by others. */
type RawTrack = Omit<MovieTrack, "messages" | "defaults" | "shift"> & {
  readonly codings: readonly (TrackCoding | undefined)[];
  readonly shift: (movieScale: number) => number;
};

const NO_DEFAULTS: SampleDefaults = { description: 1, duration: 0, size: 0, flags: 0 };

/** Reads it. @throws what the disk throws */
export async function readMovie(source: MediaSource): Promise<Movie | FileProblem> {
  const window = new BoxWindow(source);
  let isFirst = true;
  for await (const box of window.boxes(0, source.size, MAX_TOP_BOXES)) {
    if (isFirst && !/^(?:ftyp|moov|mdat|free|skip|wide|styp|pnot)$/.test(box.type)) {
      return "damaged";
    }
    isFirst = false;
    if (box.type === "moov") return await readMoov(window, box);
  }
  return "damaged";
}

async function readMoov(window: BoxWindow, moov: PlacedBox): Promise<Movie | FileProblem> {
  let movieScale = 0;
  const raw: RawTrack[] = [];
  let defaults: Map<number, SampleDefaults> | undefined;
  for await (const box of window.boxes(moov.start, moov.end)) {
    if (box.type === "mvhd") {
      const head = await small(window, box);
      movieScale = number32(head, head[0] === 1 ? 20 : 12);
    } else if (box.type === "trak" && raw.length < MAX_TRACKS) {
      const track = await readTrack(window, box);
      if (track !== undefined) raw.push(track);
    } else if (box.type === "mvex") {
      defaults = new Map();
      for await (const inner of window.boxes(box.start, box.end)) {
        if (inner.type === "trex") defaults.set(...readTrackExtends(await small(window, inner)));
      }
    }
  }
  const counts = { audio: 0, video: 0 };
  const tracks = raw.map(({ codings, shift, ...track }): MovieTrack => {
    const trackId = counts[track.kind]++;
    return {
      ...track,
      shift: shift(movieScale),
      defaults: defaults?.get(track.id) ?? NO_DEFAULTS,
      messages: codings.map((coding) => coding && new CodedMessages(coding, trackId)),
    };
  });
  if (tracks.length === 0) return "no-media";
  return { tracks, isFragmented: defaults !== undefined, end: moov.end };
}

async function readTrack(window: BoxWindow, trak: PlacedBox): Promise<RawTrack | undefined> {
  let id = 0;
  let edits: Uint8Array | undefined;
  let media: PlacedBox | undefined;
  for await (const box of window.boxes(trak.start, trak.end)) {
    if (box.type === "tkhd") {
      const head = await small(window, box);
      id = number32(head, head[0] === 1 ? 20 : 12);
    } else if (box.type === "edts") edits = boxIn(await small(window, box), "elst")?.slice();
    else if (box.type === "mdia") media = box;
  }
  if (media === undefined) return undefined;
  let timescale = 0;
  let kind: "audio" | "video" | undefined;
  let samples: Map<string, PlacedBox> | undefined;
  for await (const box of window.boxes(media.start, media.end)) {
    if (box.type === "mdhd") {
      const head = await small(window, box);
      timescale = number32(head, head[0] === 1 ? 20 : 12);
    } else if (box.type === "hdlr") {
      const handler = String.fromCharCode(...(await small(window, box)).subarray(8, 12));
      kind = handler === "vide" ? "video" : handler === "soun" ? "audio" : undefined;
    } else if (box.type === "minf") samples = await sampleBoxes(window, box);
  }
  const descriptions = samples?.get("stsd");
  if (timescale === 0 || kind === undefined || descriptions === undefined) return undefined;
  const codings = readSampleEntries(await small(window, descriptions))
    .map((coding) => coding?.kind === kind ? coding : undefined);
  const coding = codings.find((one) => one !== undefined);
  if (coding === undefined) return undefined;
  const shift = (movieScale: number) => shiftOf(edits, timescale, movieScale);
  return {
    id,
    kind,
    timescale,
    codings,
    coding,
    shift,
    tables: await readTables(window, samples!),
  };
}

async function sampleBoxes(window: BoxWindow, minf: PlacedBox): Promise<Map<string, PlacedBox>> {
  const found = new Map<string, PlacedBox>();
  for await (const box of window.boxes(minf.start, minf.end)) {
    if (box.type !== "stbl") continue;
    for await (const inner of window.boxes(box.start, box.end)) found.set(inner.type, inner);
  }
  return found;
}

async function readTables(
  window: BoxWindow,
  boxes: ReadonlyMap<string, PlacedBox>,
): Promise<SampleTables | undefined> {
  /** The table whose number of entries stands at `head`, as far as its box reaches. */
  const table = async (type: string, entry: number, head = 4): Promise<SampleTable | undefined> => {
    const box = boxes.get(type);
    if (box === undefined) return undefined;
    const at = box.start + head + 4;
    const said = number32(await window.bytes(box.start, head + 4), head);
    return { at, count: Math.max(0, Math.min(said, Math.floor((box.end - at) / entry))) };
  };
  const times = await table("stts", 8);
  const chunks = await table("stsc", 12);
  const wide = await table("co64", 8);
  const offsets = wide ?? await table("stco", 4);
  const sizeBox = boxes.get("stsz");
  if (!times || !chunks || !offsets || sizeBox === undefined) return undefined;
  const size = number32(await window.bytes(sizeBox.start, 12), 4);
  const count = number32(await window.bytes(sizeBox.start, 12), 8);
  const compositions = boxes.get("ctts");
  return {
    ...{ times, chunks, offsets, size, isWide: wide !== undefined },
    // Of one size, no entry says how many there are.
    sizes: size > 0 ? { at: 0, count } : (await table("stsz", 4, 8))!,
    compositions: await table("ctts", 8),
    isSigned: compositions !== undefined && (await window.bytes(compositions.start, 1))[0] !== 0,
    keys: await table("stss", 4),
  };
}

/** What a track begins with, nothing, and where in it playing begins: edits behind that are passed over. */
function shiftOf(edits: Uint8Array | undefined, timescale: number, movieScale: number): number {
  if (edits === undefined) return 0;
  const wide = edits[0] === 1;
  const entry = wide ? 20 : 12;
  const count = Math.min(number32(edits, 4), Math.floor((edits.length - 8) / entry));
  let empty = 0;
  for (let number = 0, at = 8; number < count; number++, at += entry) {
    const duration = wide ? number64(edits, at) : number32(edits, at);
    const high = number32(edits, at + (wide ? 8 : 4));
    if (high === 0xffff_ffff) {
      if (movieScale > 0) empty += duration * 1000 / movieScale;
      continue;
    }
    const from = wide ? number64(edits, at + 8) : high;
    return empty - from * 1000 / timescale;
  }
  return empty;
}

async function small(window: BoxWindow, { start, end }: PlacedBox): Promise<Uint8Array> {
  return await window.bytes(start, Math.min(end - start, MAX_SMALL_BOX));
}
