/**
 * Makes a recording in FLV that ends anywhere, as after a crash, one that is finished: cut behind its last
 * whole tag, with its duration and its index in front.
 *
 * @module
 */
import { FlvFileMetadata, MAX_INDEX_ENTRIES } from "../core/flv/file_metadata.ts";
import { type KeyFrame, KeyFrames } from "../core/flv/key_frames.ts";
import { FlvReader, type FlvTag } from "../core/flv/reader.ts";
import { FLV_FILE_HEADER, FLV_TAG_OVERHEAD } from "../core/flv/tag.ts";
import { MediaFlag, videoFlags } from "../core/media/mod.ts";
import type { MediaSource, MediaTarget } from "./folder.ts";

/** Bytes that are read at a time. */
const READ_BYTES = 256 * 1024;

/** What is in a file. */
export interface FlvContents {
  /** Of one that this server wrote. */
  readonly metadata: FlvFileMetadata | undefined;
  readonly keys: Iterable<KeyFrame>;
  /** Milliseconds. */
  readonly duration: number;
  /** Bytes up to the end of the last whole tag. */
  readonly size: number;
  /** 4 for sound, 1 for pictures, or both: as the header of the file has it. */
  readonly kinds: number;
}

/** The same while it is read. */
interface Contents {
  metadata: FlvFileMetadata | undefined;
  readonly keys: KeyFrames;
  /** Milliseconds. */
  duration: number;
  /** Bytes up to the end of the last whole tag. */
  size: number;
  kinds: number;
}

/**
 * Mends a file, whose time begins at 0.
 *
 * @returns how long it lasts (ms), its bytes, when it was written to before (ms since 1970); without media it
 * has no bytes
 */
export async function mendFlv(
  target: MediaTarget,
): Promise<{ duration: number; size: number; modified: number }> {
  const source = await target.read();
  const { modified } = source;
  let contents: FlvContents;
  try {
    contents = await readContents(source);
  } finally {
    await source.close();
  }
  const { metadata, keys, duration, size, kinds } = contents;
  if (kinds === 0) return { duration: 0, size: 0, modified };
  await target.truncate(size);
  if (metadata !== undefined) {
    const facts = { duration, size, keyFrames: [...keys] };
    await target.write(metadata.encode(facts), FLV_FILE_HEADER);
  }
  await target.write(Uint8Array.of(kinds), 4);
  return { duration, size, modified };
}

/** Reads a file up to its last whole tag; without media it has 0 of all. */
export async function readContents(source: MediaSource): Promise<FlvContents> {
  const reader = new FlvReader(0, false);
  const buffer = new Uint8Array(READ_BYTES);
  const contents: Contents = {
    metadata: undefined,
    keys: new KeyFrames(MAX_INDEX_ENTRIES),
    ...{ duration: 0, size: 0, kinds: 0 },
  };
  for (let position = 0;;) {
    const count = await source.read(buffer, position);
    if (count === 0) break;
    position += count;
    reader.add(buffer.subarray(0, count));
    for (let tag = reader.next(); tag !== undefined; tag = reader.next()) take(contents, tag);
    if (reader.damage !== undefined) break;
  }
  return contents;
}

function take(contents: Contents, { type, timestamp, body, offset }: FlvTag): void {
  if (offset === FLV_FILE_HEADER && type === 18) contents.metadata = FlvFileMetadata.reopen(body);
  contents.size = offset + body.length + FLV_TAG_OVERHEAD;
  if (type === 18) return;
  contents.kinds |= type === 8 ? 4 : 1;
  contents.duration = Math.max(contents.duration, timestamp);
  const isKey = type === 9 && (videoFlags(body) & MediaFlag.Key) !== 0;
  if (isKey) contents.keys.add(timestamp, offset);
}
