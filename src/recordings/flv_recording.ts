/**
 * A recording as FLV: every message as it came, with an index in front.
 *
 * @module
 */
import { decodeAmf0 } from "../core/amf/amf0_decode.ts";
import { DATA_AMF_LIMITS } from "../core/amf/limits.ts";
import { type AmfValue, asRecord } from "../core/amf/value.ts";
import { FlvFileMetadata } from "../core/flv/file_metadata.ts";
import { KeyFrames } from "../core/flv/key_frames.ts";
import {
  FLV_FILE_HEADER,
  FLV_TAG_OVERHEAD,
  flvHeader,
  writeFlvTagHeader,
  writeFlvTagTrailer,
} from "../core/flv/tag.ts";
import { FLV_TAG_HEADER, FLV_TAG_TRAILER } from "../core/flv/tag_header.ts";
import { audioFlags, videoFlags } from "../core/media/mod.ts";
import { FlvHeaders } from "./flv_headers.ts";
import { isHeader } from "./played_file.ts";
import type { FlvContents } from "./mend_flv.ts";
import type { RecordedMessage, RecordingFile, RecordingSink } from "./recording_file.ts";

/** Key frames that are remembered while a file is written; the index keeps as many at most. */
const MAX_KEY_FRAMES = 3_600;

/** Without pictures, sound is in the index as often as this (ms). */
const SOUND_INDEX_MS = 1_000;

/** What stands around the body of a tag, filled for each. */
const HEADER = new Uint8Array(FLV_TAG_HEADER);
const TRAILER = new Uint8Array(FLV_TAG_TRAILER);

/** Name of the metadata's handler as it stands in a message: its type, its length, its letters. */
const ON_META_DATA = [2, 0, 10, ...[..."onMetaData"].map((letter) => letter.charCodeAt(0))];

/** How a file begins. */
export interface FlvRecordingOptions {
  /** Body of the `onMetaData` message, if there was one. */
  readonly metadata?: Uint8Array | undefined;
  readonly hasAudio: boolean;
  readonly hasVideo: boolean;
  /** Key frames that the index has room for: a file that is cut early needs few. */
  readonly indexEntries: number;
  /** What is in the file already that is gone on with. */
  readonly contents?: FlvContents | undefined;
}

/** A file of FLV under way. */
export class FlvRecording implements RecordingFile {
  readonly #sink: RecordingSink;
  /** `undefined` in a file of others, which has its own. */
  readonly #metadata: FlvFileMetadata | undefined;
  readonly #keys = new KeyFrames(MAX_KEY_FRAMES);
  readonly #hasVideo: boolean;
  /** Those that hold now. */
  readonly #headers = new FlvHeaders();
  /**
   * They are not those of the beginning: whoever goes to a key frame behind the change finds them right in front
   * of it.
   */
  #changed: boolean;
  #lastWasHeader = false;
  #kinds: number;
  #lastIndexed = -Infinity;
  #duration = 0;
  /** Whether the beginning of the file is written, which the disk may have no room for. */
  #begun = false;

  constructor(
    sink: RecordingSink,
    { metadata, hasAudio, hasVideo, indexEntries, contents }: FlvRecordingOptions,
  ) {
    this.#sink = sink;
    this.#hasVideo = hasVideo;
    this.#kinds = (hasAudio ? 4 : 0) | (hasVideo ? 1 : 0);
    // Of what was there before nothing is known.
    this.#changed = contents !== undefined;
    if (contents === undefined) {
      this.#metadata = new FlvFileMetadata(membersOf(metadata), indexEntries);
      return;
    }
    this.#metadata = contents.metadata;
    this.#begun = true;
    this.#kinds |= contents.kinds;
    this.#duration = contents.duration;
    for (const { time, offset } of contents.keys) this.#keys.add(time, offset);
  }

  get duration(): number {
    return this.#duration;
  }

  write({ kind, time, payload, key, header }: RecordedMessage): ReturnType<RecordingFile["write"]> {
    if (!this.#begun && !this.#begin()) return "full";
    // What it says stands in front, and FFmpeg would take it for the metadata of another file.
    if (kind === 18 && header && time === 0 && isMetadata(payload)) return "taken";
    if (key && this.#changed && !this.#lastWasHeader && !this.#repeatHeaders(time)) return "full";
    const { position } = this.#sink;
    if (!this.#put(kind, time, payload)) return "full";
    if (kind !== 18) this.#kinds |= kind === 8 ? 4 : 1;
    this.#lastWasHeader = header;
    if (header) this.#keepHeader(kind, payload, position);
    else {
      this.#duration = Math.max(this.#duration, time);
      this.#index(kind, time, key, position);
    }
    return "taken";
  }

  #keepHeader(kind: number, payload: Uint8Array, position: number): void {
    const media = kind === 9 ? videoFlags(payload) : kind === 8 ? audioFlags(payload) : 0;
    if (!isHeader(media)) return;
    const { count } = this.#headers;
    this.#headers.add(kind, payload, media, position);
    if (this.#duration > 0 && this.#headers.count > count) this.#changed = true;
  }

  /** @returns whether there was room for them */
  #repeatHeaders(time: number): boolean {
    for (const { kind, payload } of this.#headers.at(Infinity)) {
      if (!this.#put(kind, time, payload)) return false;
    }
    return true;
  }

  /** Appends a tag. @returns whether there was room for it */
  #put(kind: number, time: number, payload: Uint8Array): boolean {
    const sink = this.#sink;
    const { length } = payload;
    if (length + FLV_TAG_OVERHEAD > sink.room) return false;
    writeFlvTagHeader(HEADER, 0, kind, time % 2 ** 32, length);
    sink.put(HEADER);
    sink.put(payload);
    writeFlvTagTrailer(TRAILER, 0, length);
    sink.put(TRAILER);
    return true;
  }

  #begin(): boolean {
    const metadata = this.#metadata!;
    if (FLV_FILE_HEADER + metadata.length > this.#sink.room) return false;
    this.#sink.put(flvHeader((this.#kinds & 4) !== 0, (this.#kinds & 1) !== 0));
    for (const piece of metadata.pieces()) this.#sink.put(piece);
    this.#begun = true;
    return true;
  }

  #index(kind: number, time: number, key: boolean, position: number): void {
    if (this.#hasVideo) {
      if (kind === 9 && key) this.#keys.add(time, position);
    } else if (kind === 8 && time - this.#lastIndexed >= SOUND_INDEX_MS) {
      this.#lastIndexed = time;
      this.#keys.add(time, position);
    }
  }

  finish(): void {
    if (!this.#begun) return;
    const { position } = this.#sink;
    const facts = { duration: this.#duration, size: position, keyFrames: [...this.#keys] };
    const metadata = this.#metadata?.encode(facts);
    if (metadata !== undefined) this.#sink.overwrite(metadata, FLV_FILE_HEADER);
    // What came is known now, whatever was announced.
    this.#sink.overwrite(Uint8Array.of(this.#kinds), 4);
  }
}

function isMetadata(payload: Uint8Array): boolean {
  return ON_META_DATA.every((byte, index) => payload[index] === byte);
}

/** Members of a message that nobody vouches for. */
function membersOf(metadata: Uint8Array | undefined): Iterable<readonly [string, AmfValue]> {
  if (metadata === undefined) return [];
  try {
    return asRecord(decodeAmf0(metadata, DATA_AMF_LIMITS)[1]) ?? [];
  } catch {
    return [];
  }
}
