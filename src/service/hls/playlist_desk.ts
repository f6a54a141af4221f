/**
 * One media playlist and what it lists, as files: made once for all that ask for it, and kept waiting
 * for where it is still to come.
 *
 * @module
 */
import {
  type Directives,
  type PackagedRendition,
  type Part,
  reloadState,
  type Segment,
  writeMediaPlaylist,
} from "../../core/hls/mod.ts";
import type { Archive } from "./archive.ts";
import { type MediaFile, mediaFile, type PartBody } from "./body.ts";
import { type WaitBudget, type WaitEnd, WaitList } from "./waits.ts";

/** Media types. */
export const PLAYLIST_TYPE = "application/vnd.apple.mpegurl";

/** What a playlist says beside what is in its window. */
export interface DeskOptions {
  readonly version: number;
  /** The same without delta updates. */
  readonly plainVersion: number;
  /** Media type of segments and parts. */
  readonly mediaType: string;
  /** Ticks. */
  readonly partHoldBack: number;
  readonly skipUntil: number;
  readonly event: boolean;
  /** The other playlists of the stream. */
  readonly others: () => readonly PackagedRendition<PartBody>[];
  /** Where segments are kept beyond memory. */
  readonly archive: Archive | undefined;
}

/** EXT-X-VERSION of a delta update [RFC 8216bis §8]. */
export const VERSION_WITH_SKIP = 9;

const TEXT = new TextEncoder();

/** Target Durations from the end that are kept in memory, wherever they are kept as well. */
const MEMORY_TARGETS = 7;

/** What is made of a playlist's name in reports of others. */
export function playlistFile(name: string): string {
  return `${name}.m3u8`;
}

/** A playlist and its files. */
export class PlaylistDesk {
  readonly rendition: PackagedRendition<PartBody>;
  readonly #options: DeskOptions;
  readonly #files = new Map<string, MediaFile>();
  readonly #texts = new Map<boolean, MediaFile>();
  #textVersion = -1;
  /** Of the open segment: they become files as they come. */
  #open: Segment<PartBody> | undefined;
  #openParts = 0;
  /** Segments that are in the folder. */
  readonly #stored = new Set<string>();
  readonly #onDrop: (bytes: number) => void;
  readonly #reloads: WaitList<Directives, MediaFile>;
  readonly #parts: WaitList<string, MediaFile>;

  constructor(
    rendition: PackagedRendition<PartBody>,
    options: DeskOptions,
    budget: WaitBudget,
    onDrop: (bytes: number) => void,
  ) {
    this.#onDrop = onDrop;
    this.rendition = rendition;
    this.#options = options;
    this.#reloads = new WaitList(budget);
    this.#parts = new WaitList(budget);
    rendition.window.onDrop = (segment) => {
      this.#files.delete(segment.uri);
      if (this.#stored.delete(segment.uri)) options.archive!.remove(segment.uri);
      let bytes = 0;
      for (const { uri, body } of segment.parts) {
        this.#files.delete(uri);
        bytes += body.bytes.length;
      }
      onDrop(bytes);
    };
  }

  /** Whether a player that knows of no parts has something to play. */
  get isPlayable(): boolean {
    return this.rendition.window.kept.length > 0;
  }

  /** There are new parts, or segments that are whole: those that wait for them are told. */
  changed(): void {
    const { open, kept } = this.rendition.window;
    // A cached GOP that is long comes as several segments at once.
    const known = kept.findLastIndex(({ uri }) => this.#files.has(uri));
    for (const segment of kept.slice(known + 1)) this.#addSegment(segment);
    if (open !== undefined) {
      if (this.#open?.msn !== open.msn) this.#openParts = 0;
      this.#addParts(open, this.#openParts);
      this.#open = open;
      this.#openParts = open.parts.length;
    }
    this.#parts.settle((name) => this.#files.get(name) ?? (this.ended ? "ended" : undefined));
    this.#reloads.settle((directives) => this.#answer(directives));
  }

  /** A segment that is whole, with the parts that have come since it was open. */
  #addSegment(segment: Segment<PartBody>): void {
    const { parts, msn, uri } = segment;
    this.#addParts(segment, this.#open?.msn === msn ? this.#openParts : 0);
    const file = mediaFile(this.#options.mediaType, parts.map(({ body }) => body.bytes));
    this.#files.set(uri, file);
    this.#store(segment, file);
    this.#open = undefined;
  }

  /** Writes a segment and then the playlist, and gives back the memory of what was written before. */
  #store(segment: Segment<PartBody>, file: MediaFile): void {
    const { archive } = this.#options;
    if (archive === undefined) return;
    archive.write(segment.uri, file, () => this.#stored.add(segment.uri));
    archive.write(playlistFile(this.rendition.name), this.#plainText());
    const { window } = this.rendition;
    let behind = 0;
    for (const one of [...window.kept].reverse()) {
      behind += one.duration;
      // Its parts may still be asked for that long after they are listed no more.
      if (behind <= MEMORY_TARGETS * window.limits.targetDuration) continue;
      if (one.parts.length === 0) break;
      if (this.#stored.has(one.uri)) this.#release(one);
    }
  }

  #release(segment: Segment<PartBody>): void {
    const { type, size } = this.#files.get(segment.uri)!;
    for (const { uri } of segment.parts) this.#files.delete(uri);
    this.#files.set(segment.uri, { type, chunks: [], size, stored: true });
    this.rendition.window.release(segment);
    this.#onDrop(size);
  }

  /** The playlist as a web server has it: whole segments, and nothing to wait for. */
  #plainText(): MediaFile {
    const { event } = this.#options;
    const text = writeMediaPlaylist(this.rendition.window, {
      ...{ version: this.#options.plainVersion, event, partHoldBack: 0, skipUntil: 0 },
      ...{ blocks: false, parts: false, hint: undefined, reports: [] },
    });
    return mediaFile(PLAYLIST_TYPE, [TEXT.encode(text)]);
  }

  /** Writes the playlist into the folder as it is at the end. */
  storeList(): void {
    this.#options.archive?.write(playlistFile(this.rendition.name), this.#plainText());
  }

  #addParts({ parts }: Segment<PartBody>, from: number): void {
    for (let index = from; index < parts.length; index++) {
      const { uri, body } = parts[index] as Part<PartBody>;
      this.#files.set(uri, mediaFile(this.#options.mediaType, [body.bytes]));
    }
  }

  get ended(): boolean {
    return this.rendition.window.ended;
  }

  /** The playlist, `"wait"` while it is to be waited for, `"too-far"` for what nobody should ask. */
  ask(directives: Directives): MediaFile | "wait" | "too-far" {
    const { window } = this.rendition;
    if (directives.msn !== undefined && reloadState(window, directives) === "too-far") {
      return "too-far";
    }
    return this.#answer(directives) ?? "wait";
  }

  #answer(directives: Directives): MediaFile | undefined {
    const { window } = this.rendition;
    const ready = directives.msn === undefined
      ? this.isPlayable || window.ended
      : reloadState(window, directives) === "ready";
    return ready ? this.#text(directives.skip) : undefined;
  }

  /** A part or segment; `"wait"` for the part that is hinted at. */
  file(name: string): MediaFile | "wait" | undefined {
    const file = this.#files.get(name);
    if (file !== undefined) return file;
    return !this.ended && name === this.rendition.maker.nextPart ? "wait" : undefined;
  }

  /** Waits for what {@link ask} or {@link file} said is to be waited for. */
  wait(
    what: Directives | string,
    deadline: number,
    settle: (result: MediaFile | WaitEnd) => void,
  ): () => void {
    const request = { settle, deadline };
    if (typeof what === "string") return this.#parts.add(what, what, request);
    const { msn, part, skip } = what;
    return this.#reloads.add(`${msn}/${part}/${skip}`, what, request);
  }

  /** Ends those that have waited for too long. */
  expire(now: number): void {
    this.#reloads.expire(now);
    this.#parts.expire(now);
  }

  /** It is gone, with all that it listed. */
  close(): void {
    this.#reloads.settle(() => "gone");
    this.#parts.settle(() => "gone");
    // What is in the folder stays there, for whoever serves it, until the stream is packaged again.
    this.#stored.clear();
    this.rendition.window.clear();
    this.#files.clear();
    this.#texts.clear();
  }

  /** The text, made anew only when something has changed. */
  #text(skip: boolean): MediaFile {
    const { window, maker } = this.rendition;
    const others = this.#options.others();
    const version = others.reduce((sum, { window }) => sum + window.version, window.version);
    if (version !== this.#textVersion) {
      this.#textVersion = version;
      this.#texts.clear();
    }
    let file = this.#texts.get(skip);
    if (file === undefined) {
      const { event, partHoldBack, skipUntil } = this.#options;
      const text = writeMediaPlaylist(window, {
        version: skip ? VERSION_WITH_SKIP : this.#options.version,
        ...{ partHoldBack, skipUntil, event },
        blocks: true,
        parts: true,
        hint: maker.nextPart,
        reports: others.map(({ name, window }) => ({
          uri: playlistFile(name),
          lastMsn: window.open === undefined ? window.nextMsn - 1 : window.nextMsn,
          lastPart: lastPart(window.open ?? window.kept.at(-1)),
        })),
      }, skip);
      file = mediaFile(PLAYLIST_TYPE, [TEXT.encode(text)]);
      this.#texts.set(skip, file);
    }
    return file;
  }
}

function lastPart(segment: Segment<PartBody> | undefined): number | undefined {
  return segment === undefined || segment.parts.length === 0 ? undefined : segment.parts.length - 1;
}
