/**
 * What an elementary stream descriptor says of sound [ISO/IEC 14496-1 §7.2.6].
 *
 * @module
 */
import { OBJECT_MPEG1_AUDIO, OBJECT_MPEG2_AUDIO, OBJECT_MPEG4_AUDIO } from "../descriptors.ts";

/** Tags of descriptors. */
const ES = 3;
const DECODER_CONFIG = 4;
const DECODER_SPECIFIC = 5;

/** Objects of MPEG-2 AAC: main, low complexity, scalable. */
const MPEG2_AAC = [0x66, 0x67, 0x68];

/** Flags of an ES descriptor: what stands between its head and its descriptors. */
const DEPENDS = 0x80;
const HAS_URL = 0x40;
const HAS_CLOCK = 0x20;

/** A descriptor, as far as it is there. */
interface Descriptor {
  readonly tag: number;
  readonly body: Uint8Array;
  readonly end: number;
}

/**
 * The codec and its configuration; `undefined` when it is another one than AAC and MP3, or damaged.
 *
 * @param esds contents of the box, version and flags included
 */
export function readEsds(
  esds: Uint8Array,
): [codec: "aac" | "mp3", config: Uint8Array] | undefined {
  const stream = find(esds, 4, ES);
  if (stream === undefined) return undefined;
  const flags = stream[2] ?? 0;
  let at = 3;
  if ((flags & DEPENDS) !== 0) at += 2;
  if ((flags & HAS_URL) !== 0) at += 1 + (stream[at] ?? 0);
  if ((flags & HAS_CLOCK) !== 0) at += 2;
  const decoder = find(stream, at, DECODER_CONFIG);
  const objectType = decoder?.[0];
  if (objectType === OBJECT_MPEG1_AUDIO || objectType === OBJECT_MPEG2_AUDIO) {
    return ["mp3", new Uint8Array()];
  }
  const isAac = objectType === OBJECT_MPEG4_AUDIO || MPEG2_AAC.includes(objectType ?? 0);
  const config = isAac ? find(decoder!, 13, DECODER_SPECIFIC) : undefined;
  return config === undefined || config.length < 2 ? undefined : ["aac", config.slice()];
}

function find(bytes: Uint8Array, from: number, tag: number): Uint8Array | undefined {
  for (let at = from; at < bytes.length;) {
    const found = descriptorAt(bytes, at);
    if (found === undefined) return undefined;
    if (found.tag === tag) return found.body;
    at = found.end;
  }
  return undefined;
}

/** The size is in groups of seven bits, at most four of them. */
function descriptorAt(bytes: Uint8Array, from: number): Descriptor | undefined {
  let size = 0;
  let at = from + 1;
  for (let group = 0; group < 4; group++) {
    const byte = bytes[at++];
    if (byte === undefined) return undefined;
    size = size << 7 | byte & 127;
    if (byte < 128) break;
  }
  const end = Math.min(bytes.length, at + size);
  return { tag: bytes[from]!, body: bytes.subarray(at, end), end };
}
