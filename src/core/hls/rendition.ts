/**
 * One media playlist in the making: samples become parts, and parts segments.
 *
 * One track leads: that of pictures, where there is one. It tells where parts and segments end; sound
 * that has come until then goes along. A rendition of sound beside it leads itself, but for the ends of
 * its segments, which it is told.
 *
 * @module
 */
import type { Sample, SampleTrack } from "../samples/mod.ts";
import { endsAtKey, isTooLong, type SegmentPlan } from "./cutter.ts";
import { type PartPlan, planPartsWithin, TICKS_PER_SECOND } from "./part_plan.ts";
import type { MediaWindow } from "./window.ts";

/** Turns samples into the bytes of a part. */
export interface PartEncoder<B> {
  /** `tracks`: what came of each, none of them empty. `first`: the part begins a segment. */
  encode(tracks: readonly TrackSamples[], first: boolean): B;
}

/** What came of one track. */
export interface TrackSamples {
  readonly track: SampleTrack;
  readonly samples: readonly Sample[];
}

/** How names and times are given. */
export interface RenditionNames {
  segment(msn: number): string;
  part(index: number): string;
  /** When a time of the stream was, as ISO 8601 has it. `ticks` as of {@link TICKS_PER_SECOND}. */
  programTime(ticks: number): string;
}

/** What a rendition is made of. */
export interface RenditionOptions<B> {
  readonly window: MediaWindow<B>;
  readonly parts: PartPlan;
  readonly segments: SegmentPlan;
  readonly encoder: PartEncoder<B>;
  readonly names: RenditionNames;
  /** Number of the track that leads. */
  readonly lead: number;
  /** Whether segments end at key frames of the lead, and not only where they are told to. */
  readonly cuts: boolean;
}

/** Without its lead for so long, another track goes on in its place (ticks): a camera is switched off. */
const LEAD_LOST = 2 * TICKS_PER_SECOND;

/** A lead that comes back goes on where the stand-in is, but for what is older than this (ticks). */
const LATE = TICKS_PER_SECOND / 2;

/** The share of a playlist's bytes that one segment may take, and what waits to be a part. */
const SEGMENT_SHARE = 1 / 2;

/** How many times as many parts as fit into a segment it may have: more are of time that stands still. */
const SPARE_PARTS = 4;

/** Makes the parts of one playlist. */
export class HlsRendition<B> {
  readonly window: MediaWindow<B>;
  /** Is told that a segment ended, and at which time (ticks). */
  onCut: ((time: number) => void) | undefined;
  /** Is told of each part. */
  onPart: (() => void) | undefined;
  #options: RenditionOptions<B>;
  /** By the number of the track, the lead first. */
  readonly #pending = new Map<number, { track: SampleTrack; samples: Sample[]; ticks: number }>();
  #pendingBytes = 0;
  /** The track that leads while there is nothing of the lead, and how its parts are made. */
  #standIn: { readonly id: number; readonly parts: PartPlan } | undefined;
  #frames = 0;
  /** Ticks of what waits to be a part, by the leading track. */
  #duration = 0;
  #independent = false;
  #usual: number;
  #nextPart = 0;
  /** Whether the next segment has nothing in common with the last one. */
  #broken = false;
  /** A segment has begun: what breaks off before that breaks nothing. */
  #hasBegun = false;
  #map: string | undefined;
  #isOpen = false;
  /** Ticks of the parts of the open segment. */
  #segment = 0;
  /** Parts of the open segment, and the bytes of their media. */
  #segmentParts = 0;
  #segmentBytes = 0;
  /** Whether the open segment began with a key frame. */
  #whole = true;
  /** Where the lead ends, ticks. */
  #end = 0;
  /** Where the segment is to end, of a rendition that is told. */
  #cutAt: number | undefined;

  /** @param options what it is made of */
  constructor(options: RenditionOptions<B>) {
    this.#options = options;
    this.window = options.window;
    this.#usual = options.parts.target / options.parts.frames;
  }

  /** The part that comes next: what a hint promises. */
  get nextPart(): string {
    return this.#options.names.part(this.#nextPart);
  }

  /** What comes from now on needs this Media Initialization Section. */
  setMap(map: string | undefined): void {
    this.#map = map;
  }

  /** What comes from now on is led by another track, or made in other parts. Call {@link break} first. */
  follow(lead: number, parts: PartPlan): void {
    this.#options = { ...this.#options, lead, parts };
    this.#standIn = undefined;
    this.#usual = parts.target / parts.frames;
  }

  /** What comes from now on has nothing in common with what came. */
  break(): void {
    this.finish();
    this.#broken = this.#hasBegun;
    this.#cutAt = undefined;
  }

  /** Takes a sample of one of its tracks. */
  push(track: SampleTrack, sample: Sample): void {
    const { lead, segments, cuts } = this.#options;
    const scale = TICKS_PER_SECOND / track.format.timescale;
    const start = sample.dts * scale;
    if (track.id === lead && this.#standIn !== undefined) {
      // The last picture from before is known only now, and its time is over.
      if (start < this.#end - LATE) return;
      this.#lead(undefined);
    }
    if (track.id !== (this.#standIn?.id ?? lead)) {
      this.#keep(track, sample);
      if (this.#isLost(track)) this.#replaceLead(track, sample);
      return;
    }
    const parts = this.#standIn?.parts ?? this.#options.parts;
    let duration = sample.duration * scale;
    // A picture that lasts longer than a part may: the next one is behind a gap.
    const gap = duration > parts.target;
    if (gap) duration = Math.min(this.#usual, parts.target);
    const whole = this.#segment + this.#duration;
    if (whole > 0) {
      const due = cuts
        ? sample.key && endsAtKey(segments, whole, this.#whole)
        : this.#cutAt !== undefined && start >= this.#cutAt;
      if (due || isTooLong(segments, whole + duration) || this.#isFull) this.#cut(start);
      else if (this.#frames > 0 && this.#duration + duration > parts.target) this.#emit();
    }
    if (this.#frames === 0) this.#independent = sample.key;
    this.#keep(track, gap ? { ...sample, duration: Math.round(duration / scale) } : sample);
    this.#begin(start, sample.key);
    this.#frames++;
    this.#duration += duration;
    this.#end = start + duration;
    if (this.#frames >= parts.frames || this.#holdsMuch) this.#emit();
    if (gap) this.break();
  }

  /** The segment ends where its lead reaches `time`, ticks. */
  cutAt(time: number): void {
    if (this.#segment + this.#duration > 0 && this.#end >= time) this.#cut(this.#end);
    else this.#cutAt = time;
  }

  /** Makes of all that came a whole segment. */
  finish(): void {
    this.#cut(this.#end);
  }

  /** Whether the open segment has to end, however little time it takes. */
  get #isFull(): boolean {
    const { parts, segments } = this.#options;
    return this.#segmentParts >= SPARE_PARTS * Math.ceil(segments.target / parts.target) ||
      this.#segmentBytes > SEGMENT_SHARE * this.window.limits.bytes;
  }

  /** Whether what waits to be a part has to become one. */
  get #holdsMuch(): boolean {
    return this.#pendingBytes > SEGMENT_SHARE * this.window.limits.bytes;
  }

  /** Whether a track that goes along has waited too long for the lead: silence counts for nothing. */
  #isLost({ id, format }: SampleTrack): boolean {
    const { ticks } = this.#pending.get(id)!;
    return ticks * TICKS_PER_SECOND / format.timescale > LEAD_LOST || this.#holdsMuch;
  }

  /** A track goes on without the lead, from what has waited for it on; `last` came last. */
  #replaceLead(track: SampleTrack, last: Sample): void {
    const frame = Math.max(1, last.duration * TICKS_PER_SECOND / track.format.timescale);
    this.#lead({ id: track.id, parts: planPartsWithin(frame, this.#options.parts.target) });
    const waited = this.#pending.get(track.id)?.samples ?? [];
    this.#pending.delete(track.id);
    this.#pendingBytes = 0;
    for (const sample of waited) this.push(track, sample);
  }

  /** Another track leads from now on; the lead itself, if `undefined`. */
  #lead(standIn: { readonly id: number; readonly parts: PartPlan } | undefined): void {
    this.break();
    this.#standIn = standIn;
    const { target, frames } = standIn?.parts ?? this.#options.parts;
    this.#usual = target / frames;
  }

  #keep(track: SampleTrack, sample: Sample): void {
    this.#pendingBytes += sample.data.length;
    let known = this.#pending.get(track.id);
    if (known === undefined) {
      this.#pending.set(track.id, known = { track, samples: [], ticks: 0 });
    }
    known.samples.push(sample);
    known.ticks += sample.duration;
  }

  #begin(start: number, key: boolean): void {
    if (this.#isOpen) return;
    const { names } = this.#options;
    this.window.begin({
      uri: names.segment(this.window.nextMsn),
      programTime: names.programTime(start),
      discontinuity: this.#broken,
      map: this.#map,
    });
    this.#broken = false;
    this.#isOpen = this.#hasBegun = true;
    this.#whole = key;
  }

  /** What waits becomes a part; `last`: of its segment, and both are told of together. */
  #emit(last = false): void {
    if (this.#frames === 0) return;
    const { encoder, names } = this.#options;
    const tracks = [...this.#pending.values()].filter(({ samples }) => samples.length > 0);
    const body = encoder.encode(tracks, this.#segment === 0);
    this.#pending.clear();
    this.#segmentBytes += this.#pendingBytes;
    this.#pendingBytes = 0;
    this.#segmentParts++;
    const [duration, independent] = [this.#duration, this.#independent];
    this.window.add({ uri: names.part(this.#nextPart++), duration, independent, body });
    this.#segment += duration;
    this.#frames = this.#duration = 0;
    if (!last) this.onPart?.();
  }

  #cut(time: number): void {
    this.#emit(true);
    this.#cutAt = undefined;
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#segment = this.#segmentParts = this.#segmentBytes = 0;
    this.window.close();
    this.onCut?.(time);
  }
}
