/**
 * From the media messages of a stream to samples on time lines: what every container is written from.
 *
 * @module
 */
import { FourCc } from "../media/four_cc.ts";
import { audioFrameTicks } from "./audio_frame.ts";
import { AudioTimeline } from "./audio_timeline.ts";
import { FormatFinder } from "./format_finder.ts";
import { MediaClock, TrackTime } from "./media_clock.ts";
import { PacketKind, PacketReader } from "./packet_reader.ts";
import type { Sample } from "./sample.ts";
import { type FormatResult, sameFormat, type TrackFormat } from "./track_format.ts";
import { VideoTimeline } from "./video_timeline.ts";

/** Most tracks of pictures, and of sound; others are reported and passed over. */
export const MAX_SAMPLE_TRACKS = 16;

/** How long a frame of sound is taken to last behind a leap (ms). */
const AUDIO_FRAME_MS = 20;

const AUDIO = 8;

/** A track whose format is known. Another object stands for another format. */
export interface SampleTrack {
  /** Number of the track in a container: odd of pictures, even of sound, and always the same. */
  readonly id: number;
  /** Id of the track in the stream: 0 unless it has several. */
  readonly trackId: number;
  readonly format: TrackFormat;
}

/** Who takes samples. */
export interface SampleHandler {
  /**
   * A track begins, or goes on in another format: what follows needs another beginning (an init
   * segment, a file). It is not called for a configuration that is repeated.
   */
  onTrack(track: SampleTrack): void;
  /** A sample, in the order in which its track is decoded. Its data is the handler's. */
  onSample(track: SampleTrack, sample: Sample): void;
  /**
   * Takes the bytes of a frame as soon as they come: its sample follows, of a picture once it is known how long
   * it lasts, and has but their number. Frames that it does not take, `false`, are copied.
   */
  take?(track: SampleTrack, frame: Uint8Array, key: boolean): boolean;
  /** There is nothing of this track for so long, before the next sample that is handed over. */
  onGap?(track: SampleTrack, ms: number): void;
  /** The time leapt by so much before the next sample of the track; here it goes on as if it had not. */
  onLeap?(track: SampleTrack, ms: number): void;
  /** A track cannot be held, or its configuration cannot be read; told once for each. */
  onProblem?(problem: SampleProblem): void;
}

/** Why there are no samples of a track. */
export interface SampleProblem {
  readonly kind: "audio" | "video";
  readonly trackId: number;
  /** In words. */
  readonly problem: string;
}

/** How a {@linkcode SampleReader} reads. Members may be left out. */
export interface SampleReaderOptions {
  /**
   * Time of the first frame (ms): room for frames that begin before the one that came first, which
   * are left out otherwise; 0 if left out.
   */
  readonly startMs?: number;
  /**
   * Longest that one picture may last (ms). Where the next one comes later there is a gap, so that no
   * picture lasts for a minute because the publisher stalled; without bound if left out.
   */
  readonly maxGapMs?: number;
}

/** A track of the stream. */
interface Slot {
  readonly kind: "audio" | "video";
  readonly trackId: number;
  readonly id: number;
  readonly finder: FormatFinder;
  track: SampleTrack | undefined;
  video: VideoTimeline | undefined;
  audio: AudioTimeline | undefined;
  readonly time: TrackTime;
  /** The problem that was reported last, not to report it for each frame. */
  problem: string | undefined;
}

/** Reads one stream. Nothing that is in a message makes it throw. */
export class SampleReader {
  readonly #handler: SampleHandler;
  readonly #startMs: number;
  readonly #maxGapMs: number;
  readonly #packets = new PacketReader();
  readonly #slots = new Map<number, Slot>();
  #clock: MediaClock;
  /** Frames that were left out: before the beginning, damaged, or of sound there was no time for. */
  dropped = 0;

  constructor(
    handler: SampleHandler,
    { startMs = 0, maxGapMs = Infinity }: SampleReaderOptions = {},
  ) {
    this.#handler = handler;
    this.#startMs = startMs;
    this.#maxGapMs = maxGapMs;
    this.#clock = new MediaClock(startMs);
  }

  /** The tracks whose format is known, by their ids. */
  get tracks(): SampleTrack[] {
    return [...this.#slots.values()].flatMap(({ track }) => track ?? [])
      .sort((one, other) => one.id - other.id);
  }

  /** Newest time that came in (ms). */
  get newestMs(): number {
    return this.#clock.newest;
  }

  /**
   * Takes a message, a header or a frame; what it holds on to it copies.
   *
   * @param kind 8 for audio, 9 for video; others are passed over
   * @param timestamp milliseconds, modulo 2^32
   * @param payload message body
   * @param key decoding of the default track can start here, whatever the message says of itself
   */
  push(kind: number, timestamp: number, payload: Uint8Array, key = false): void {
    if ((kind !== AUDIO && kind !== 9) || payload.length === 0) return;
    const packets = this.#packets;
    packets.open(kind, payload);
    while (packets.next()) {
      const { packet, start, end } = packets;
      if (start >= end && packet !== PacketKind.End) continue;
      const slot = packet === PacketKind.Other ? undefined : this.#slot(kind, packets.trackId);
      if (slot === undefined) continue;
      if (packet === PacketKind.Config) this.#configure(slot, payload.subarray(start, end));
      else if (packet === PacketKind.End) this.#flush(slot);
      else this.#frame(slot, timestamp, payload, packets.key || (key && packets.trackId === 0));
    }
  }

  /**
   * Hands over the pictures that wait for the next one: at the end, and where nothing has come for a
   * while.
   */
  flush(): void {
    for (const slot of this.#slots.values()) this.#flush(slot);
  }

  /** Another publisher: all is handed over and forgotten, and time begins anew. */
  restart(): void {
    this.flush();
    this.#slots.clear();
    this.#clock = new MediaClock(this.#startMs);
  }

  #slot(kind: number, trackId: number): Slot | undefined {
    const isAudio = kind === AUDIO;
    const id = 2 * trackId + (isAudio ? 2 : 1);
    let slot = this.#slots.get(id);
    if (slot !== undefined) return slot;
    let count = 0;
    const name = isAudio ? "audio" : "video";
    for (const one of this.#slots.values()) if (one.kind === name) count++;
    if (count >= MAX_SAMPLE_TRACKS) return undefined;
    slot = {
      ...{ kind: name, trackId, id, finder: new FormatFinder(name) },
      ...{ track: undefined, video: undefined, audio: undefined },
      ...{ time: new TrackTime(), problem: undefined },
    };
    this.#slots.set(id, slot);
    return slot;
  }

  #configure(slot: Slot, config: Uint8Array): void {
    this.#found(slot, slot.finder.onConfig(this.#packets.codec, config));
  }

  /** Takes what was found out about the format; without one there are no samples. */
  #found(slot: Slot, result: FormatResult | undefined): void {
    if (result?.format !== undefined) return this.#setFormat(slot, result.format);
    if (result === undefined) return;
    this.#flush(slot);
    slot.track = undefined;
    if (slot.problem === result.problem) return;
    slot.problem = result.problem;
    const { kind, trackId } = slot;
    this.#handler.onProblem?.({ kind, trackId, problem: result.problem });
  }

  #setFormat(slot: Slot, format: TrackFormat): void {
    slot.problem = undefined;
    if (slot.track !== undefined && sameFormat(slot.track.format, format)) return;
    this.#flush(slot);
    slot.track = { id: slot.id, trackId: slot.trackId, format };
    if (format.kind === "video") slot.video = new VideoTimeline(this.#maxGapMs, format.frameRate);
    else slot.audio = new AudioTimeline(format.timescale);
    this.#handler.onTrack(slot.track);
  }

  #frame(slot: Slot, timestamp: number, payload: Uint8Array, key: boolean): void {
    const { start, end, composition } = this.#packets;
    const frame = mediaOf(this.#packets.codec, payload.subarray(start, end));
    this.#found(slot, slot.finder.onFrame(this.#packets.codec, frame, key));
    const track = slot.track;
    if (track === undefined || frame.length === 0) return;
    const { leaps } = this.#clock;
    const frameMs = slot.video?.usualMs ?? AUDIO_FRAME_MS;
    const ms = this.#clock.place(timestamp, slot.time, frameMs);
    if (ms < 0) {
      this.dropped++;
      return;
    }
    const leapt = this.#clock.leaps > leaps;
    if (slot.video !== undefined) {
      const isTaken = this.#handler.take?.(track, frame, key) === true;
      const data = isTaken ? NO_DATA : frame.slice();
      const sample = slot.video.push(
        ms,
        composition,
        key,
        data,
        isTaken ? frame.length : undefined,
      );
      if (sample !== undefined) this.#handler.onSample(track, sample);
      if (leapt) this.#handler.onLeap?.(track, this.#clock.leapMs);
      if (slot.video.gapTicks > 0) this.#gap(track, slot.video.gapTicks);
      return;
    }
    const ticks = track.format.kind === "audio" ? audioFrameTicks(track.format, frame) : undefined;
    const sample = ticks === undefined ? undefined : this.#sound(slot, ms, ticks, frame);
    if (leapt) this.#handler.onLeap?.(track, this.#clock.leapMs);
    if (sample === undefined) {
      this.dropped++;
      return;
    }
    if (slot.audio!.gapTicks > 0) this.#gap(track, slot.audio!.gapTicks);
    this.#handler.onSample(track, sample);
  }

  #sound({ track, audio }: Slot, ms: number, ticks: number, frame: Uint8Array): Sample | undefined {
    if (this.#handler.take === undefined) return audio!.push(ms, ticks, frame.slice());
    const sample = audio!.push(ms, ticks, NO_DATA, frame.length);
    if (sample === undefined || this.#handler.take(track!, frame, true)) return sample;
    const { dts, duration, composition, key } = sample;
    return { dts, duration, composition, key, data: frame.slice() };
  }

  #gap(track: SampleTrack, ticks: number): void {
    this.#handler.onGap?.(track, ticks * 1000 / track.format.timescale);
  }

  #flush(slot: Slot): void {
    const sample = slot.video?.flush();
    if (sample !== undefined) this.#handler.onSample(slot.track!, sample);
  }
}

const NO_DATA = new Uint8Array();

/** The temporal delimiter of AV1, which samples do not have [AV1 in ISOBMFF §2.4]. */
const DELIMITER = [0x12, 0];

/** What is of use of a frame. */
function mediaOf(codec: number, frame: Uint8Array): Uint8Array {
  const delimited = codec === FourCc.Av1 && frame[0] === DELIMITER[0] && frame[1] === DELIMITER[1];
  return delimited ? frame.subarray(DELIMITER.length) : frame;
}
