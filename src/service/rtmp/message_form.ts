/**
 * The form in which media goes out over RTMP, to players and to other servers alike.
 *
 * @module
 */
import { writeMessageStreamId } from "../../core/rtmp/chunk/stateless_encoder.ts";
import { FrameKind } from "../../hub/mod.ts";

/** Chunk stream ids of media; any but 2 would do, clients do not look. */
export const CHUNK_STREAM_IDS: Readonly<Record<number, number>> = {
  [FrameKind.Audio]: 4,
  [FrameKind.Data]: 5,
  [FrameKind.Video]: 6,
};

/** The message stream id that frames are encoded with: nearly all clients play on their first. */
export const ENCODED_ID = 1;

/** Where a type 0 chunk has the message stream id, behind a basic header of one byte [RTMP 1.0 §5.3.1.2.1]. */
const ID_OFFSET = 1 + 7;

/**
 * Gives the encoded message at `offset` another message stream id. It is in the first chunk of a message only:
 * those that go on have a header of one byte.
 */
export function varyMessage(bytes: Uint8Array, offset: number, messageStreamId: number): void {
  writeMessageStreamId(bytes, offset + ID_OFFSET, messageStreamId);
}
