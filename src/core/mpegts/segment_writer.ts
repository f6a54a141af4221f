/**
 * Segments of a transport stream from samples [ISO/IEC 13818-1].
 *
 * @module
 */
import type { Sample } from "../samples/sample.ts";
import { type TrackFormat, VIDEO_TIMESCALE } from "../samples/track_format.ts";
import { type Elementary, elementary } from "./elementary.ts";
import {
  MAX_PES_LENGTH,
  PACKET,
  pesDataAt,
  type PesHead,
  pesPackets,
  writeClock,
  writePes,
  writeTable,
} from "./packets.ts";
import {
  FIRST_PID,
  PAT_PID,
  PMT_PID,
  programAssociation,
  programMap,
  type ProgramStream,
} from "./psi.ts";

/** Ticks of a millisecond: those of pictures are those of a transport stream. */
const TICKS_OF_MS = VIDEO_TIMESCALE / 1000;

/**
 * Where times begin if nothing else is said (ms): there has to be room for the clock, which is behind
 * the times of decoding, and for these, which are behind those of presentation.
 */
const DEFAULT_OFFSET_MS = 1400;

/** How far the clock is behind the times of decoding: what a receiver has to buffer (ms). */
const DELAY_MS = 700;

/** Furthest that decode times are moved back; beyond, they would be behind the clock (ms). */
const MAX_LAG_MS = 600;

/** Longest without a clock, and without tables (ms). */
const CLOCK_INTERVAL_MS = 90;
const TABLE_INTERVAL_MS = 500;

/** A hole in time over which no clock is sent (ms). */
const MAX_CLOCK_HOLE_MS = 5000;

/** How much sound goes into one packet of its elementary stream (ms and bytes). */
const GROUP_MS = 100;
const GROUP_BYTES = 8192;

/** Room for the header of such a packet. */
const PES_HEAD_ROOM = 32;

/** A track that a transport stream can hold: see `mpegTsProblem`. */
export interface TsTrack {
  readonly id: number;
  readonly format: TrackFormat;
}

/** The samples of one track in a segment. */
export interface TsSamples {
  /** That of its {@linkcode TsTrack}. */
  readonly id: number;
  /** In decoding order. */
  readonly samples: readonly Sample[];
}

/** A track while it is written. */
interface Stream extends ProgramStream {
  readonly id: number;
  readonly isVideo: boolean;
  readonly timescale: number;
  readonly writer: Elementary;
  counter: number;
  /** Decode time of the last picture as it was written. */
  last: number;
}

/** Samples that go into one packet of their elementary stream. */
interface Unit extends PesHead {
  readonly stream: Stream;
  readonly samples: readonly Sample[];
  /** When the source has it decoded: in this order they are written. */
  readonly time: number;
  clock: number | undefined;
  /** Clocks, and whether there are tables, in packets of their own before it. */
  clocks: readonly number[];
  tables: boolean;
}

/** Writes the segments of one stream, one after the other: counters and clocks go on from each to the next. */
export class TsSegmentWriter {
  /** Samples that could not be written: they are damaged, or longer than their format allows. */
  dropped = 0;
  readonly #streams: readonly Stream[];
  readonly #clock: Stream;
  readonly #offset: number;
  readonly #pat = programAssociation();
  readonly #pmt: readonly number[];
  #patCounter = 0;
  #pmtCounter = 0;
  #lastClock = -Infinity;
  /** How far the presentation of a picture came before its decoding, at the most (ticks). */
  #lag = 0;

  /**
   * @param tracks at least one; none of them has a `mpegTsProblem`
   * @param offsetMs what is added to all times
   */
  constructor(tracks: readonly TsTrack[], offsetMs = DEFAULT_OFFSET_MS) {
    let [pictures, sounds] = [0, 0];
    this.#streams = tracks.map(({ id, format }, index) => {
      const writer = elementary(format);
      const isVideo = format.kind === "video";
      const { streamType, registration } = writer;
      const number = isVideo ? pictures++ : sounds++;
      // The ids of private streams are all the same.
      const streamId = writer.streamId | (writer.streamId === 0xbd ? 0 : number & 15);
      return {
        ...{ id, isVideo, timescale: format.timescale, writer: { ...writer, streamId } },
        ...{ pid: FIRST_PID + index, streamType, counter: 0, last: -Infinity },
        ...(registration !== undefined && { registration }),
      };
    });
    this.#clock = this.#streams.find(({ isVideo }) => isVideo) ?? this.#streams[0]!;
    this.#offset = offsetMs * TICKS_OF_MS;
    this.#pmt = programMap(this.#clock.pid, this.#streams);
  }

  /** One segment in one array: tables first, then all samples in the order of their decode times. */
  segment(tracks: readonly TsSamples[]): Uint8Array<ArrayBuffer> {
    const units = tracks.flatMap(({ id, samples }) => {
      const stream = this.#streams.find((one) => one.id === id);
      if (stream === undefined) return [];
      return stream.isVideo ? this.#pictures(stream, samples) : this.#sounds(stream, samples);
    }).sort((one, other) => one.time - other.time);
    this.#addClocks(units);
    const tables = 2 * PACKET;
    const size = units.reduce(
      (sum, unit) =>
        sum + pesPackets(unit) + unit.clocks.length * PACKET + (unit.tables ? tables : 0),
      tables,
    );
    const bytes = new Uint8Array(size);
    this.#writeTables(bytes, 0);
    let at = tables;
    for (const unit of units) {
      if (unit.tables) {
        this.#writeTables(bytes, at);
        at += tables;
      }
      for (const clock of unit.clocks) {
        writeClock(bytes, at, this.#clock.pid, clock, this.#clock.counter);
        at += PACKET;
      }
      const { stream } = unit;
      let to = pesDataAt(unit, at);
      for (const sample of unit.samples) {
        // Measured anew: a writer knows of one sample at a time.
        const length = stream.writer.measure(sample);
        if (length > 0) stream.writer.write(sample, bytes, to);
        to += length;
      }
      stream.counter = writePes(bytes, at, unit, stream.counter);
      at += pesPackets(unit);
    }
    return bytes;
  }

  #writeTables(bytes: Uint8Array, at: number): void {
    writeTable(bytes, at, PAT_PID, this.#pat, this.#patCounter);
    writeTable(bytes, at + PACKET, PMT_PID, this.#pmt, this.#pmtCounter);
    this.#patCounter = this.#patCounter + 1 & 15;
    this.#pmtCounter = this.#pmtCounter + 1 & 15;
  }

  #pictures(stream: Stream, samples: readonly Sample[]): Unit[] {
    const units: Unit[] = [];
    for (const { composition } of samples) {
      this.#lag = Math.min(MAX_LAG_MS * TICKS_OF_MS, Math.max(this.#lag, -composition));
    }
    for (const sample of samples) {
      const length = stream.writer.measure(sample);
      if (length === 0) {
        this.dropped++;
        continue;
      }
      const pts = sample.dts + sample.composition + this.#offset;
      // Where the lag grew since the last segment, decode times stand nearly still until they are right.
      const dts = Math.min(pts, Math.max(sample.dts + this.#offset - this.#lag, stream.last + 1));
      stream.last = Math.max(stream.last, dts);
      units.push(
        this.#unit(stream, [sample], length, sample.key, pts, dts, sample.dts + this.#offset),
      );
    }
    return units;
  }

  #sounds(stream: Stream, samples: readonly Sample[]): Unit[] {
    const units: Unit[] = [];
    let group: Sample[] = [];
    let length = 0;
    const close = () => {
      if (group.length === 0) return;
      const pts = Math.round(group[0]!.dts * VIDEO_TIMESCALE / stream.timescale) + this.#offset;
      const key = stream === this.#clock;
      units.push(this.#unit(stream, group, length, key, pts, pts, pts));
      group = [];
      length = 0;
    };
    for (const sample of samples) {
      const size = stream.writer.measure(sample);
      if (size === 0 || size + PES_HEAD_ROOM > MAX_PES_LENGTH) {
        this.dropped++;
        continue;
      }
      const last = group.at(-1);
      const isNext = last !== undefined && sample.dts === last.dts + last.duration;
      const ms = last === undefined
        ? 0
        : (sample.dts + sample.duration - group[0]!.dts) * 1000 / stream.timescale;
      if (!isNext || ms > GROUP_MS || length + size > GROUP_BYTES) close();
      group.push(sample);
      length += size;
    }
    close();
    return units;
  }

  #unit(
    stream: Stream,
    samples: readonly Sample[],
    length: number,
    key: boolean,
    pts: number,
    dts: number,
    time: number,
  ): Unit {
    const { pid, writer: { streamId } } = stream;
    // By the time of the source, which rises whatever becomes of decode times.
    const clock = stream === this.#clock ? time - DELAY_MS * TICKS_OF_MS : undefined;
    return {
      ...{ stream, samples, length, key, pts, dts, time, pid, streamId, clock },
      ...NOTHING,
    };
  }

  /** Sees to it that clocks rise, and that there is no longer time than allowed without one or without tables. */
  #addClocks(units: readonly Unit[]): void {
    const interval = CLOCK_INTERVAL_MS * TICKS_OF_MS;
    let tables = units[0]?.time ?? 0;
    for (const unit of units) {
      const now = unit.time - DELAY_MS * TICKS_OF_MS;
      const clocks: number[] = [];
      if (now - this.#lastClock <= MAX_CLOCK_HOLE_MS * TICKS_OF_MS) {
        for (let due = this.#lastClock + interval; due < now; due += interval) clocks.push(due);
      }
      unit.clocks = clocks;
      this.#lastClock = clocks.at(-1) ?? this.#lastClock;
      // Sound went ahead of pictures in the segment before.
      if (unit.clock !== undefined && unit.clock <= this.#lastClock) unit.clock = undefined;
      this.#lastClock = unit.clock ?? this.#lastClock;
      if (unit.time - tables < TABLE_INTERVAL_MS * TICKS_OF_MS) continue;
      unit.tables = true;
      tables = unit.time;
    }
  }
}

/** What comes before a unit, as long as nothing is due. */
const NOTHING = { clocks: [] as readonly number[], tables: false };
