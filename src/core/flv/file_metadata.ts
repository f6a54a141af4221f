/**
 * The first tag of a file: what its publisher said of the media, how long it lasts, and an index of its key
 * frames [FLV §E.5].
 *
 * How long a recording lasts is known at its end only. So the tag is written with room to spare, and again,
 * with the same length, once the rest is known; nothing behind it moves.
 *
 * @module
 */
import { decodeAmf0 } from "../amf/amf0_decode.ts";
import { encodeAmf0 } from "../amf/amf0_encode.ts";
import { AmfEcmaArray, AmfObject, type AmfValue, asRecord } from "../amf/value.ts";
import { FLV_TAG_OVERHEAD, writeFlvTagHeader, writeFlvTagTrailer } from "./tag.ts";
import { FLV_TAG_HEADER, FLV_TAG_TRAILER } from "./tag_header.ts";
import { joined } from "../bytes/join.ts";
import type { KeyFrame } from "./key_frames.ts";

/** Most key frames that an index has room for, of 18 bytes each. */
export const MAX_INDEX_ENTRIES = 3_600;

/** Longest metadata of a publisher that is kept as a whole, in bytes. */
const MAX_METADATA = 64 * 1024;

/** Bytes of an entry, two numbers; and of the end of an object, behind its last member. */
const ENTRY_BYTES = 18;
const OBJECT_END = 3;

/** Bounds of what one file holds that this class has written. */
export const REOPEN_LIMITS = {
  maxDepth: 16,
  maxNodes: 2 * MAX_INDEX_ENTRIES + 5_000,
  maxStringBytes: MAX_METADATA,
  maxTotalBytes: 18 * MAX_INDEX_ENTRIES + MAX_METADATA + 1_024,
};

/** Members that say something about the file itself: those of the publisher are about another one. */
export const OF_THE_FILE: ReadonlySet<string> = new Set([
  "duration",
  "filesize",
  "lasttimestamp",
  "lastkeyframetimestamp",
  "hasKeyframes",
  "canSeekToEnd",
  "keyframes",
  "spacer",
]);

/** What is known of a file once it is finished. */
export interface FlvFileFacts {
  /** Milliseconds from its first message to the end of its last. */
  readonly duration: number;
  /** Bytes, this tag included. */
  readonly size: number;
  /** In order. */
  readonly keyFrames: readonly KeyFrame[];
}

/** Writes the first tag of one file, as often as it is wanted, always with the same length. */
export class FlvFileMetadata {
  readonly #members: readonly (readonly [string, AmfValue])[];
  readonly #entries: number;
  /** Bytes of the tag. */
  readonly length: number;

  /**
   * @param metadata members of `onMetaData` as the publisher sent them
   * @param entries key frames that there is room for, 1..{@linkcode MAX_INDEX_ENTRIES}: of more than that
   * every second, every third, … is in the index
   */
  constructor(metadata: Iterable<readonly [string, AmfValue]>, entries: number) {
    this.#entries = Math.min(entries, MAX_INDEX_ENTRIES);
    this.#members = kept([...metadata].filter(([name]) => !OF_THE_FILE.has(name)));
    this.length = this.#body([], NOTHING).length + this.#entries * ENTRY_BYTES + FLV_TAG_OVERHEAD;
  }

  /**
   * That of a file that is there already, to be written over it.
   *
   * @param body of the first tag of a file
   * @returns `undefined` when it is not written by this class
   */
  static reopen(body: Uint8Array): FlvFileMetadata | undefined {
    let members: Map<string, AmfValue> | undefined;
    try {
      const [handler, value] = decodeAmf0(body, REOPEN_LIMITS);
      if (handler === "onMetaData") members = asRecord(value);
    } catch {
      return undefined;
    }
    const spacer = members?.get("spacer");
    const times = asRecord(members?.get("keyframes"))?.get("times");
    if (members === undefined || !Array.isArray(spacer) || !Array.isArray(times)) return undefined;
    const metadata = new FlvFileMetadata(members, spacer.length / 2 + times.length);
    return metadata.length === body.length + FLV_TAG_OVERHEAD ? metadata : undefined;
  }

  /** The whole tag; without facts it says that the file lasts for no time, as one under way does. */
  encode(facts: FlvFileFacts = NOTHING): Uint8Array {
    return joined(this.pieces(facts));
  }

  /**
   * The same in pieces, one of which is shared by all: of a hundred files that begin together, the room for an index
   * would be megabytes.
   */
  pieces(facts: FlvFileFacts = NOTHING): readonly Uint8Array[] {
    const { keyFrames } = facts;
    const every = Math.max(1, Math.ceil(keyFrames.length / this.#entries));
    const index = keyFrames.filter((_, number) => number % every === 0);
    const spare = this.#entries - index.length;
    const body = this.#body(index, facts);
    // The spacer is the last member: a number that is nothing is nine zeros.
    const end = body.length - OBJECT_END;
    const length = body.length + spare * ENTRY_BYTES;
    const start = new Uint8Array(FLV_TAG_HEADER + end);
    writeFlvTagHeader(start, 0, 18, 0, length);
    start.set(body.subarray(0, end), FLV_TAG_HEADER);
    new DataView(start.buffer).setUint32(start.length - 4, spare * 2);
    const rest = new Uint8Array(OBJECT_END + FLV_TAG_TRAILER);
    rest.set(body.subarray(end));
    writeFlvTagTrailer(rest, OBJECT_END, length);
    return [start, SPACER.subarray(0, spare * ENTRY_BYTES), rest];
  }

  /** Without what fills the spacer: with that there are thousands of numbers, which are made in no time as bytes. */
  #body(index: readonly KeyFrame[], facts: FlvFileFacts): Uint8Array {
    const keyframes = new AmfObject([
      ["times", index.map(({ time }) => time / 1000)],
      ["filepositions", index.map(({ offset }) => offset)],
    ]);
    const members: [string, AmfValue][] = [
      ["duration", facts.duration / 1000],
      ["filesize", facts.size],
      ["lastkeyframetimestamp", (facts.keyFrames.at(-1)?.time ?? 0) / 1000],
      ["hasKeyframes", true],
      ["keyframes", keyframes],
      // Numbers, because FFmpeg takes no text for one that is longer than a kilobyte.
      ["spacer", []],
    ];
    return encodeAmf0("onMetaData", new AmfEcmaArray([...this.#members, ...members]));
  }
}

/** Numbers that are nothing; nobody writes into it. */
const SPACER = new Uint8Array(MAX_INDEX_ENTRIES * ENTRY_BYTES);

const NOTHING: FlvFileFacts = { duration: 0, size: 0, keyFrames: [] };

/** All that the publisher said, or, where that is long, what can be said shortly. */
function kept(members: (readonly [string, AmfValue])[]): (readonly [string, AmfValue])[] {
  if (isShort(members)) return members;
  const plain = members.filter(([, value]) =>
    typeof value === "number" || typeof value === "boolean" ||
    (typeof value === "string" && value.length <= 256)
  );
  return isShort(plain) ? plain : [];
}

function isShort(members: (readonly [string, AmfValue])[]): boolean {
  try {
    return encodeAmf0(new AmfEcmaArray(members)).length <= MAX_METADATA;
  } catch {
    // Read, it was a value; but not all that can be read can be written as AMF0.
    return false;
  }
}
