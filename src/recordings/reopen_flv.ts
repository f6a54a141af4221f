/**
 * Opens a finished FLV file to go on with it, as a publisher asks for that appends.
 *
 * @module
 */
import { decodeAmf0 } from "../core/amf/amf0_decode.ts";
import { asRecord } from "../core/amf/value.ts";
import { FlvFileMetadata, REOPEN_LIMITS } from "../core/flv/file_metadata.ts";
import type { KeyFrame } from "../core/flv/key_frames.ts";
import { FLV_FILE_HEADER, FLV_TAG_OVERHEAD } from "../core/flv/tag.ts";
import type { MediaSource, MediaTarget } from "./folder.ts";
import { type FlvContents, readContents } from "./mend_flv.ts";

/** Bytes in front of the body of a tag, and behind it. */
const TAG_HEAD = 11;
const TAG_TAIL = 4;

/** Largest metadata that is looked at: what this server writes is less. */
const MAX_METADATA = 512 * 1024;

/**
 * What is in a file that is gone on with, which then ends with its last whole tag.
 *
 * @throws when it is no FLV file, or cannot be read
 */
export async function reopenFlv(target: MediaTarget): Promise<FlvContents> {
  const source = await target.read();
  let contents: FlvContents | undefined;
  try {
    contents = await known(source) ?? await readContents(source);
  } finally {
    await source.close();
  }
  if (contents.kinds === 0) {
    throw new Error(`${target.path} is no FLV file that can be gone on with`);
  }
  await target.truncate(contents.size);
  return contents;
}

/** What a file that this server finished says of itself: nothing of it need be read. */
async function known(source: MediaSource): Promise<FlvContents | undefined> {
  const start = new Uint8Array(FLV_FILE_HEADER + TAG_HEAD);
  if (await source.read(start, 0) < start.length) return undefined;
  const view = new DataView(start.buffer);
  const isFlv = view.getUint32(0) >>> 8 === 0x464c56;
  const length = view.getUint32(FLV_FILE_HEADER) & 0xff_ffff;
  if (!isFlv || start[FLV_FILE_HEADER] !== 18 || length > MAX_METADATA) return undefined;
  const body = new Uint8Array(length);
  if (await source.read(body, start.length) < length) return undefined;
  const metadata = FlvFileMetadata.reopen(body);
  if (metadata === undefined) return undefined;
  const members = asRecord(decodeAmf0(body, REOPEN_LIMITS)[1]);
  const duration = members?.get("duration");
  if (members?.get("filesize") !== source.size || typeof duration !== "number") return undefined;
  if (!await endsWhole(source)) return undefined;
  const index = asRecord(members.get("keyframes"));
  const keys = pairs(index?.get("times"), index?.get("filepositions"));
  return { ...{ metadata, keys, size: source.size }, duration: duration * 1000, kinds: start[4]! };
}

async function endsWhole(source: MediaSource): Promise<boolean> {
  const tail = new Uint8Array(TAG_TAIL);
  await source.read(tail, source.size - TAG_TAIL);
  const size = new DataView(tail.buffer).getUint32(0);
  const head = new Uint8Array(TAG_HEAD);
  const at = source.size - TAG_TAIL - size;
  if (at < FLV_FILE_HEADER || await source.read(head, at) < TAG_HEAD) return false;
  const length = new DataView(head.buffer).getUint32(0) & 0xff_ffff;
  return length + FLV_TAG_OVERHEAD === size + TAG_TAIL;
}

function pairs(times: unknown, offsets: unknown): KeyFrame[] {
  if (!Array.isArray(times) || !Array.isArray(offsets)) return [];
  return times.flatMap((time, index) => {
    const offset: unknown = offsets[index];
    return typeof time === "number" && typeof offset === "number"
      ? [{ time: Math.round(time * 1000), offset }]
      : [];
  });
}
