/**
 * The beginning of a fragmented file: which tracks there are [ISO/IEC 14496-12 §8], [ISO/IEC 23000-19 §7].
 *
 * @module
 */
import { joined } from "../bytes/join.ts";
import type { TrackFormat } from "../samples/track_format.ts";
import { audioEntry } from "./audio_entry.ts";
import { ascii, asciiz, box, fixed16, fullBox, u16, u32, u64, zeros } from "./box.ts";
import { NON_SYNC_SAMPLE, SYNC_SAMPLE } from "./sample_run.ts";
import { videoEntry } from "./video_entry.ts";

/** Ticks of a second of the whole file. */
export const MOVIE_TIMESCALE = 1000;

/** A track of a file. */
export interface Mp4Track {
  /** track_ID, above 0: that of a `SampleTrack`. */
  readonly id: number;
  readonly format: TrackFormat;
  /** Bits per second, if they are known. */
  readonly bitrate?: number;
  /** Language of ISO 639-2 in three lower case letters; `und` if left out. */
  readonly language?: string;
}

/** An init segment, and where in it the length of the file can be written later. */
export interface InitSegment {
  readonly bytes: Uint8Array;
  /** Offset of the 64-bit length in `mehd`, in {@linkcode MOVIE_TIMESCALE}; -1 without that box. */
  readonly durationAt: number;
}

/** How an init segment is written. Members may be left out. */
export interface InitSegmentOptions {
  /**
   * Milliseconds of the whole file; 0 if they will be written later, with {@linkcode durationBytes}.
   * Left out, there is no place for them: the file is live.
   */
  readonly durationMs?: number;
}

const MATRIX = [1, 0, 0, 0, 1, 0, 0, 0, 0x4000].flatMap((value) => fixed16(value));

/** `ftyp` and `moov` of a fragmented file. */
export function initSegment(
  tracks: readonly Mp4Track[],
  { durationMs }: InitSegmentOptions = {},
): InitSegment {
  const ftyp = fileType(tracks.length === 1);
  const mehd = durationMs === undefined ? [] : fullBox("mehd", 1, 0, durationBytes(durationMs));
  const header = movieHeader(Math.max(0, ...tracks.map(({ id }) => id)) + 1);
  const mvex = box("mvex", mehd, ...tracks.map(trackExtends));
  const moov = box("moov", header, ...tracks.map(trackBox), mvex);
  const bytes = joined([ftyp, moov]);
  // Behind the headers of mvex, which is the last box, and of mehd.
  const durationAt = durationMs === undefined ? -1 : bytes.length - mvex.length + 8 + 12;
  return { bytes, durationAt };
}

/** The length of a file as it is written at `durationAt`. */
export function durationBytes(ms: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(u64(Math.round(ms)));
}

/** Only a file with one track is one of CMAF. */
function fileType(single: boolean): Uint8Array {
  return box("ftyp", ascii("iso6"), u32(0), ascii("iso6mp41"), single ? ascii("cmfc") : []);
}

function movieHeader(nextTrackId: number): Uint8Array {
  return fullBox(
    "mvhd",
    0,
    0,
    ...[zeros(8), u32(MOVIE_TIMESCALE), u32(0), fixed16(1), u16(0x100), zeros(10)],
    ...[MATRIX, zeros(24), u32(nextTrackId)],
  );
}

function trackExtends({ id, format }: Mp4Track): Uint8Array {
  const flags = format.kind === "audio" ? SYNC_SAMPLE : NON_SYNC_SAMPLE;
  return fullBox("trex", 0, 0, u32(id), u32(1), u32(0), u32(0), u32(flags));
}

function trackBox({ id, format, bitrate = 0, language = "und" }: Mp4Track): Uint8Array {
  const isVideo = format.kind === "video";
  const [across, down] = isVideo ? shownSize(format) : [0, 0];
  // Enabled, and part of the presentation.
  const tkhd = fullBox(
    "tkhd",
    0,
    3,
    ...[zeros(8), u32(id), zeros(4), u32(0), zeros(8)],
    ...[u16(0), u16(0), u16(isVideo ? 0 : 0x100), u16(0), MATRIX, fixed16(across), fixed16(down)],
  );
  const mdhd = fullBox(
    "mdhd",
    0,
    0,
    ...[zeros(8), u32(format.timescale), u32(0), u16(languageCode(language)), u16(0)],
  );
  const hdlr = fullBox(
    "hdlr",
    0,
    0,
    ...[zeros(4), ascii(isVideo ? "vide" : "soun"), zeros(12)],
    asciiz(isVideo ? "Video" : "Sound"),
  );
  const header = isVideo ? fullBox("vmhd", 0, 1, zeros(8)) : fullBox("smhd", 0, 0, zeros(4));
  const dinf = box("dinf", fullBox("dref", 0, 0, u32(1), fullBox("url ", 0, 1)));
  const entry = isVideo ? videoEntry(format, bitrate) : audioEntry(format, bitrate);
  const stbl = box(
    "stbl",
    fullBox("stsd", 0, 0, u32(1), entry),
    fullBox("stts", 0, 0, u32(0)),
    fullBox("stsc", 0, 0, u32(0)),
    fullBox("stsz", 0, 0, u32(0), u32(0)),
    fullBox("stco", 0, 0, u32(0)),
  );
  return box("trak", tkhd, box("mdia", mdhd, hdlr, box("minf", header, dinf, stbl)));
}

/** Size on a screen with square pixels. */
function shownSize(format: TrackFormat & { kind: "video" }): [number, number] {
  const [across, down] = format.pixelAspect ?? [1, 1];
  return [Math.min(65_535, format.width * across / down), format.height];
}

/** Three letters of five bits each [ISO/IEC 14496-12 §8.4.2.3]; `und` of anything else. */
function languageCode(language: string): number {
  const letters = /^[a-z]{3}$/.test(language) ? language : "und";
  return ascii(letters).reduce((code, letter) => code << 5 | letter - 0x60, 0);
}
