/**
 * Sample entries of files: which codec a track has, and what its decoder has to know
 * [ISO/IEC 14496-12 §12.1.3, §12.2.3].
 *
 * @module
 */
import type { SampleAudioCodec, SampleVideoCodec } from "../../samples/track_format.ts";
import { joined } from "../../bytes/join.ts";
import { boxesIn, boxIn, number16, number32 } from "./box_head.ts";
import { readEsds } from "./esds.ts";

/** Most entries of one track. */
const MAX_ENTRIES = 64;

/** Bytes of an entry before its boxes; QuickTime has more of them in its versions 1 and 2 of sound. */
const VIDEO_ENTRY = 78;
const AUDIO_ENTRY = 28;
const QUICKTIME_MORE = [0, 16, 36];

/** Bytes of VPCodecConfigurationRecord up to its initialization data, which is empty. */
const FULL_BOX_HEAD = 4;

/** Bytes of STREAMINFO [RFC 9639 §8.2]. */
const STREAMINFO = 34;

/** What a track is coded as. */
export interface TrackCoding {
  readonly kind: "audio" | "video";
  readonly codec: SampleVideoCodec | SampleAudioCodec;
  /**
   * What the decoder has to know, as the messages of Enhanced RTMP have it: of Opus its identification
   * header, of FLAC `fLaC` and STREAMINFO; empty where the frames say everything.
   */
  readonly config: Uint8Array;
  /** Pixels; 0 of sound. */
  readonly width: number;
  readonly height: number;
  /** Hertz, as the entry says; 0 of pictures. */
  readonly sampleRate: number;
  readonly channels: number;
}

const VIDEO: Readonly<Record<string, readonly [codec: SampleVideoCodec, config: string]>> = {
  avc1: ["avc", "avcC"],
  avc3: ["avc", "avcC"],
  hvc1: ["hevc", "hvcC"],
  hev1: ["hevc", "hvcC"],
  av01: ["av1", "av1C"],
  vp08: ["vp8", "vpcC"],
  vp09: ["vp9", "vpcC"],
};

/**
 * The entries of a `stsd` box, by their order. One is `undefined` that is encrypted, or of a codec that is
 * not known here, or lacks what its decoder needs.
 */
export function readSampleEntries(stsd: Uint8Array): (TrackCoding | undefined)[] {
  const entries: (TrackCoding | undefined)[] = [];
  const count = Math.min(MAX_ENTRIES, number32(stsd, 4));
  for (const { type, body } of boxesIn(stsd, 8)) {
    if (entries.length >= count) break;
    entries.push(VIDEO[type] === undefined ? audioCoding(type, body) : videoCoding(type, body));
  }
  return entries;
}

function videoCoding(type: string, body: Uint8Array): TrackCoding | undefined {
  const [codec, box] = VIDEO[type]!;
  const found = boxIn(body, box, VIDEO_ENTRY);
  const config = found?.slice(box === "vpcC" ? FULL_BOX_HEAD : 0);
  // Frames of VP8 and VP9 say all that there is to know.
  if (config === undefined && box !== "vpcC") return undefined;
  return {
    ...{ kind: "video", codec, config: config ?? new Uint8Array(), sampleRate: 0, channels: 0 },
    width: number16(body, 24),
    height: number16(body, 26),
  };
}

function audioCoding(type: string, body: Uint8Array): TrackCoding | undefined {
  const boxes = AUDIO_ENTRY + (QUICKTIME_MORE[number16(body, 8)] ?? 0);
  const found = audioCodec(type, body, boxes);
  if (found === undefined) return undefined;
  const [codec, config] = found;
  return {
    ...{ kind: "audio", codec, config, width: 0, height: 0 },
    channels: number16(body, 16),
    sampleRate: number16(body, 24),
  };
}

function audioCodec(
  type: string,
  body: Uint8Array,
  boxes: number,
): [codec: SampleAudioCodec, config: Uint8Array] | undefined {
  switch (type) {
    case "mp4a": {
      // QuickTime has it in a box of its own.
      const wave = boxIn(body, "wave", boxes);
      const esds = boxIn(body, "esds", boxes) ?? (wave && boxIn(wave, "esds"));
      return esds && readEsds(esds);
    }
    case ".mp3":
      return ["mp3", new Uint8Array()];
    case "Opus": {
      const head = opusHead(boxIn(body, "dOps", boxes));
      return head && ["opus", head];
    }
    case "fLaC": {
      const info = streamInfo(boxIn(body, "dfLa", boxes));
      return info && ["flac", info];
    }
    case "ac-3":
      return ["ac3", new Uint8Array()];
    case "ec-3":
      return ["eac3", new Uint8Array()];
    default:
      return undefined;
  }
}

/** The identification header with its name, of version 1, and its numbers the other way round [RFC 7845 §5.1]. */
function opusHead(box: Uint8Array | undefined): Uint8Array | undefined {
  if (box === undefined || box.length < 11) return undefined;
  const head = new Uint8Array(8 + box.length);
  head.set([..."OpusHead"].map((letter) => letter.charCodeAt(0)));
  head.set(box, 8);
  head[8] = 1;
  for (const [at, length] of [[10, 2], [12, 4], [16, 2]] as const) {
    head.subarray(at, at + length).reverse();
  }
  return head;
}

/** `fLaC`, and STREAMINFO as the last block. */
function streamInfo(box: Uint8Array | undefined): Uint8Array | undefined {
  if (box === undefined || box.length < 8 + STREAMINFO || (box[4]! & 127) !== 0) return undefined;
  const head = Uint8Array.of(0x66, 0x4c, 0x61, 0x43, 0x80, 0, 0, STREAMINFO);
  return joined([head, box.subarray(8, 8 + STREAMINFO)]);
}
