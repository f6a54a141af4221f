/**
 * The segments and parts of one media playlist: what is listed, what may still be asked for, and what
 * is to come next [RFC 8216bis §6.2.2].
 *
 * @module
 */
import { UsageError } from "../errors.ts";

/** A part of a segment. `B` is what holds its bytes. */
export interface Part<B> {
  readonly uri: string;
  /** Ticks. */
  readonly duration: number;
  /** Whether a decoder can start with it. */
  readonly independent: boolean;
  readonly body: B;
}

/** A segment, be it whole or the one that still grows. */
export interface Segment<B> {
  /** Its Media Sequence Number. */
  readonly msn: number;
  readonly uri: string;
  /** Ticks; grows until the segment is whole. */
  readonly duration: number;
  /** What it has in common with the one before ends here: EXT-X-DISCONTINUITY. */
  readonly discontinuity: boolean;
  /** The Media Initialization Section that it needs. */
  readonly map: string | undefined;
  /** When its first frame came, as ISO 8601 has it. */
  readonly programTime: string;
  /** Whether a decoder can start with it. */
  readonly independent: boolean;
  readonly parts: readonly Part<B>[];
}

type OpenSegment<B> = { -readonly [K in keyof Segment<B>]: Segment<B>[K] } & { parts: Part<B>[] };

/** How much is listed and kept. */
export interface WindowLimits {
  /** EXT-X-TARGETDURATION, ticks: whole seconds. Never changes. */
  readonly targetDuration: number;
  /** PART-TARGET, ticks; 0 for a playlist without parts. Never changes. */
  readonly partTarget: number;
  /** Ticks of whole segments to list; at least three Target Durations are. Infinity for an EVENT. */
  readonly listed: number;
  /** Bytes to keep; over this the oldest go, were they to be listed or not. */
  readonly bytes: number;
  /** Whole segments to keep, however short: over this the oldest go. */
  readonly segments: number;
}

/** Where a segment that begins now begins. */
export interface SegmentStart {
  readonly uri: string;
  readonly programTime: string;
  readonly discontinuity: boolean;
  readonly map: string | undefined;
}

/** Segments in the order of their numbers. */
export class MediaWindow<B> {
  limits: WindowLimits;
  /** Is told of segments that are gone for good. */
  onDrop: ((segment: Segment<B>) => void) | undefined;
  /** Rises with every change. */
  version = 0;
  /** No part or segment comes any more: EXT-X-ENDLIST. */
  ended = false;
  /** EXT-X-DISCONTINUITY-SEQUENCE: discontinuities that are not listed any more. */
  discontinuitySequence = 0;
  readonly #sizeOf: (body: B) => number;
  /** Whole segments: first those that are not listed any more, but may be asked for. */
  readonly #segments: Segment<B>[] = [];
  #hidden = 0;
  #open: OpenSegment<B> | undefined;
  #nextMsn: number;
  #bytes = 0;
  /** Ticks of those that are listed and whole. */
  #listed = 0;

  /** `first`: the Media Sequence Number of the first segment. */
  constructor(limits: WindowLimits, sizeOf: (body: B) => number, first = 0) {
    this.limits = limits;
    this.#sizeOf = sizeOf;
    this.#nextMsn = first;
  }

  /** The whole segments that are listed. */
  get segments(): readonly Segment<B>[] {
    return this.#segments.slice(this.#hidden);
  }

  /** All whole segments that may be asked for. */
  get kept(): readonly Segment<B>[] {
    return this.#segments;
  }

  /** The segment that grows, once it has a part. */
  get open(): Segment<B> | undefined {
    return this.#open !== undefined && this.#open.parts.length > 0 ? this.#open : undefined;
  }

  /** EXT-X-MEDIA-SEQUENCE. */
  get mediaSequence(): number {
    return this.#segments[this.#hidden]?.msn ?? this.#nextMsn;
  }

  /** The number of the segment that is not whole. */
  get nextMsn(): number {
    return this.#nextMsn;
  }

  /** Ticks of the segments that are listed and whole. */
  get duration(): number {
    return this.#listed;
  }

  /** Bytes that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Begins a segment. @throws {UsageError} while another is open */
  begin({ uri, programTime, discontinuity, map }: SegmentStart): void {
    if (this.#open !== undefined) throw new UsageError("Cannot begin a segment in another");
    const msn = this.#nextMsn;
    this.#open = {
      ...{ msn, uri, programTime, discontinuity, map },
      duration: 0,
      independent: false,
      parts: [],
    };
  }

  /** Adds a part to the segment that is open. */
  add(part: Part<B>): void {
    const open = this.#open;
    if (open === undefined) throw new UsageError("Cannot add a part to no segment");
    if (open.parts.length === 0) open.independent = part.independent;
    open.parts.push(part);
    open.duration += part.duration;
    this.#bytes += this.#sizeOf(part.body);
    this.version++;
  }

  /** The open segment is whole, unless it has no part: then it is none. */
  close(): Segment<B> | undefined {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined || open.parts.length === 0) return undefined;
    this.#nextMsn++;
    this.#segments.push(open);
    this.#listed += open.duration;
    this.version++;
    this.#slide();
    return open;
  }

  /** Nothing comes any more. */
  end(): void {
    this.close();
    this.ended = true;
    this.version++;
  }

  /** Lets go of everything. */
  clear(): void {
    const all = [...this.#segments, ...(this.#open === undefined ? [] : [this.#open])];
    this.#segments.length = this.#hidden = 0;
    this.#open = undefined;
    this.#bytes = this.#listed = 0;
    for (const segment of all) this.onDrop?.(segment);
  }

  /** Lists and keeps no more than it may. */
  #slide(): void {
    const { limits } = this;
    const least = Math.max(limits.listed, 3 * limits.targetDuration);
    const listed = () => this.#segments[this.#hidden];
    for (let first = listed(); first !== undefined; first = listed()) {
      if (this.#listed - first.duration < least) break;
      this.#hide(first);
    }
    this.#dropHidden();
    const over = () => this.#bytes > limits.bytes || this.#segments.length > limits.segments;
    while (over() && this.#segments.length > 1) this.dropOldest();
  }

  #hide(segment: Segment<B>): void {
    this.#hidden++;
    this.#listed -= segment.duration;
    if (segment.discontinuity) this.discontinuitySequence++;
  }

  /**
   * Who has the playlist of before may still come for them: for as long as the segment takes, and a
   * client that begins late with it a while longer [RFC 8216bis §6.2.2].
   */
  #dropHidden(): void {
    let behind = 0;
    for (let index = 0; index < this.#hidden; index++) behind += this.#segments[index]!.duration;
    for (let first = this.#segments[0]; this.#hidden > 0 && first !== undefined;) {
      if (behind - first.duration < 3 * this.limits.targetDuration) break;
      behind -= first.duration;
      this.dropOldest();
      first = this.#segments[0];
    }
  }

  /** Lets go of the bytes of a segment that are kept elsewhere: it stays listed, without its parts. */
  release(segment: Segment<B>): void {
    const kept = segment as OpenSegment<B>;
    for (const part of kept.parts) this.#bytes -= this.#sizeOf(part.body);
    kept.parts = [];
  }

  /** Drops the oldest whole segment, listed or not. @returns whether there was one */
  dropOldest(): boolean {
    const oldest = this.#segments[0];
    if (oldest === undefined) return false;
    if (this.#hidden === 0) this.#hide(oldest);
    this.#hidden--;
    this.#segments.shift();
    for (const part of oldest.parts) this.#bytes -= this.#sizeOf(part.body);
    this.version++;
    this.onDrop?.(oldest);
    return true;
  }
}
