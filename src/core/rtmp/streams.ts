/**
 * The chunk codecs as Web Streams, for programs that read and write RTMP themselves. Both start
 * behind the handshake.
 *
 * @module
 */

import { ChunkDecoder } from "./chunk/decoder.ts";
import { ChunkEncoder } from "./chunk/encoder.ts";
import type { ChunkDecoderLimits } from "./chunk/limits.ts";
import { MessageType, type RtmpMessage } from "./message/types.ts";

/**
 * Chunk bytes in, messages out, Set Chunk Size and Abort included. A broken stream errors with a
 * {@link ProtocolError}; a message that is unfinished when the input closes is dropped.
 */
export class MessageDecoderStream extends TransformStream<Uint8Array, RtmpMessage> {
  /** Limits that are left out are {@link DEFAULT_CHUNK_DECODER_LIMITS}. */
  constructor(options?: Partial<ChunkDecoderLimits>) {
    const decoder = new ChunkDecoder(options);
    super({
      transform(bytes, controller) {
        decoder.decode(bytes, 0, {
          onMessage(type, messageStreamId, timestamp, payload) {
            controller.enqueue({ type, messageStreamId, timestamp, payload });
            return true;
          },
        });
      },
    });
  }
}

/** Settings of a {@link MessageEncoderStream}. */
export interface MessageEncoderOptions {
  /** Chunk size to announce and use from the start, in bytes; the protocol's 128 if left out. */
  readonly chunkSize?: number;
  /** Chunk stream id for a message; {@link chunkStreamIdFor} if left out. */
  readonly chunkStreamId?: (message: RtmpMessage) => number;
}

/**
 * Messages in, chunk bytes out. It obeys a Set Chunk Size among the messages.
 */
export class MessageEncoderStream extends TransformStream<RtmpMessage, Uint8Array> {
  /** Announces its chunk size first, if one is given. */
  constructor(options: MessageEncoderOptions = {}) {
    const { chunkSize, chunkStreamId = chunkStreamIdFor } = options;
    const encoder = new ChunkEncoder();
    super({
      start(controller) {
        if (chunkSize !== undefined) controller.enqueue(encoder.setChunkSize(chunkSize));
      },
      transform(message, controller) {
        controller.enqueue(encoder.encode(message, chunkStreamId(message)));
      },
    });
  }
}

/**
 * A chunk stream id by kind of message: 2 for control [RTMP 1.0 §5.4], then 3 for commands and
 * shared objects, 4 for audio, 5 for data, 6 for video and aggregates.
 */
export function chunkStreamIdFor(message: RtmpMessage): number {
  switch (message.type) {
    case MessageType.Audio:
      return 4;
    case MessageType.DataAmf0:
    case MessageType.DataAmf3:
      return 5;
    case MessageType.Video:
    case MessageType.Aggregate:
      return 6;
    default:
      return message.type < MessageType.Audio ? 2 : 3;
  }
}
