/**
 * The metadata of a file, read for those who play it: what they are told of the media, and hints where its
 * key frames are [FLV §E.5].
 *
 * @module
 */
import { decodeAmf0 } from "../amf/amf0_decode.ts";
import { encodeAmf0 } from "../amf/amf0_encode.ts";
import { AmfEcmaArray, type AmfValue, asRecord } from "../amf/value.ts";
import { OF_THE_FILE } from "./file_metadata.ts";
import { KeyFrames } from "./key_frames.ts";

/** Most key frames that are kept of an index. */
const MAX_HINTS = 8_192;

/** What is read of the metadata of any file: indexes of others are long. */
const LIMITS = {
  maxDepth: 16,
  maxNodes: 100_000,
  maxStringBytes: 64 * 1024,
  maxTotalBytes: 2 * 1024 * 1024,
};

/** What the first tag of a file says. */
export interface PlayedMetadata {
  /** What was said of the media, and nothing of the file. */
  readonly members: readonly (readonly [string, AmfValue])[];
  /** Seconds; 0 where it is not known. */
  readonly duration: number;
  /** Where key frames may be, with the times that tags have (ms). Nobody vouches for them. */
  readonly hints: KeyFrames;
}

/** What a file without metadata says. */
export const NO_METADATA: PlayedMetadata = { members: [], duration: 0, hints: new KeyFrames(2) };

/** @returns `undefined` when the body of a data tag is none of `onMetaData` */
export function readPlayedMetadata(body: Uint8Array): PlayedMetadata | undefined {
  let values: readonly AmfValue[];
  try {
    values = decodeAmf0(body, LIMITS);
  } catch {
    return undefined;
  }
  const said = values[0] === "onMetaData" ? asRecord(values[1]) : undefined;
  if (said === undefined) return undefined;
  const duration = said.get("duration");
  return {
    members: [...said].filter(([name]) => !OF_THE_FILE.has(name)),
    duration: typeof duration === "number" && duration > 0 && Number.isFinite(duration)
      ? duration
      : 0,
    hints: hintsOf(said.get("keyframes")),
  };
}

/**
 * The body of a data message for players: what the file says of its media, and how long it lasts. The same
 * bytes for the same file, which clients compare that go on with a part they have.
 *
 * @param duration milliseconds
 */
export function encodePlayedMetadata(
  { members }: PlayedMetadata,
  duration: number,
): Uint8Array {
  const length: [string, AmfValue] = ["duration", duration / 1000];
  try {
    return encodeAmf0("onMetaData", new AmfEcmaArray([length, ...members]));
  } catch {
    // Not all that can be read can be written as AMF0.
    return encodeAmf0("onMetaData", new AmfEcmaArray([length]));
  }
}

function hintsOf(keyframes: AmfValue | undefined): KeyFrames {
  const index = asRecord(keyframes);
  const times = index?.get("times");
  const positions = index?.get("filepositions");
  const hints = new KeyFrames(MAX_HINTS);
  if (!Array.isArray(times) || !Array.isArray(positions)) return hints;
  for (let number = 0; number < Math.min(times.length, positions.length); number++) {
    const time = times[number];
    const position = positions[number];
    if (!Number.isFinite(time) || !Number.isSafeInteger(position)) continue;
    hints.add(Math.round(time * 1000), position);
  }
  return hints;
}
