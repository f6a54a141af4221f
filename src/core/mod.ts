/**
 * The codecs, for programs that use Sluice as a library: handshake, chunk stream, messages, AMF and
 * sessions, all of them synchronous and without a socket, and the Web-Streams faces of the first.
 *
 * @module
 */
export * from "./amf/mod.ts";
export { ByteReader } from "./bytes/reader.ts";
export { ByteWriter } from "./bytes/writer.ts";
export { ProtocolError, type ProtocolErrorCode, UsageError } from "./errors.ts";
export * from "./media/mod.ts";
export { ChunkDecoder, type MessageSink } from "./rtmp/chunk/decoder.ts";
export { ChunkEncoder } from "./rtmp/chunk/encoder.ts";
export { encodedSize, encodeMessage, encodeMessageInto } from "./rtmp/chunk/stateless_encoder.ts";
export { type ChunkDecoderLimits, DEFAULT_CHUNK_DECODER_LIMITS } from "./rtmp/chunk/limits.ts";
export { ClientHandshake, type ClientHandshakeOptions } from "./rtmp/handshake/client.ts";
export { type HandshakeOptions } from "./rtmp/handshake/packet.ts";
export { ServerHandshake } from "./rtmp/handshake/server.ts";
export { forEachAggregated } from "./rtmp/message/aggregate.ts";
export {
  decodeSharedObject,
  encodeSharedObject,
  type SharedObjectEvent,
  SharedObjectEventType,
  type SharedObjectMessage,
} from "./rtmp/message/shared_object.ts";
export { MessageType, type RtmpMessage } from "./rtmp/message/types.ts";
export { type UserControl, UserControlEvent } from "./rtmp/message/user_control.ts";
export * from "./rtmp/session/client/mod.ts";
export * from "./rtmp/session/mod.ts";
export { parseQuery, parseStreamPath, type StreamPath } from "./rtmp/stream_name.ts";
export { parseRtmpUrl, type RtmpUrl } from "./rtmp/url.ts";
export { MessageDecoderStream, MessageEncoderStream } from "./rtmp/streams.ts";
