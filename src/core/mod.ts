/**
 * The codecs, for programs that use Sluice as a library: handshake, chunk stream, messages, AMF and
 * sessions, all of them synchronous and without a socket, and the Web-Streams faces of the first.
 *
 * @module
 */
export {
  Amf0Decoder,
  Amf0Encoder,
  amf0Only,
  Amf3Decoder,
  Amf3Encoder,
  AMF_UNSUPPORTED,
  AmfBudget,
  AmfDate,
  AmfDictionary,
  AmfEcmaArray,
  AmfExternal,
  type AmfLimits,
  AmfObject,
  amfObject,
  type AmfTraits,
  AmfUnsupported,
  type AmfValue,
  AmfVector,
  type AmfVectorItems,
  AmfXml,
  asRecord,
  COMMAND_AMF_LIMITS,
  DATA_AMF_LIMITS,
  decodeAmf0,
  decodeAmf3,
  decodeCommandBody,
  DEFAULT_PLAIN_LIMITS,
  DYNAMIC_TRAITS,
  encodeAmf0,
  encodeAmf3,
  fromPlain,
  MAX_AMF_DEPTH,
  MAX_FROM_PLAIN_DEPTH,
  MAX_FROM_PLAIN_NODES,
  type PlainLimits,
  toPlain,
  toPlainList,
} from "./amf/mod.ts";
export { Rc4 } from "./crypto/rc4.ts";
export { ByteReader } from "./bytes/reader.ts";
export { ByteWriter } from "./bytes/writer.ts";
export { ProtocolError, type ProtocolErrorCode, UsageError } from "./errors.ts";
export {
  type AacConfig,
  audioCodecKey,
  type AudioDescription,
  audioFlags,
  AudioPacketType,
  type Av1Config,
  type AvcConfig,
  AvcPacketType,
  codecString,
  DEFAULT_NAL_LENGTH,
  describedByFrames,
  describeMedia,
  encodeEnhanced,
  type EnhancedMessage,
  EnhancedReader,
  type EnhancedTrack,
  FourCc,
  fourCcText,
  type HdrTransfer,
  type HevcConfig,
  isRandomAccess,
  legacyMessage,
  type MediaDescription,
  MediaFlag,
  type MediaSamples,
  MOD_EX_TIMESTAMP_OFFSET_NANO,
  type ModEx,
  nalLengthOf,
  NO_CODEC,
  NO_MESSAGE,
  oneTrackMessage,
  openVideo,
  parseAacConfig,
  parseAv1Config,
  parseAvcConfig,
  parseEnhanced,
  parseHevcConfig,
  parseVpConfig,
  parseVvcConfig,
  simpleMessage,
  singleTrackMessage,
  SoundFormat,
  timestampOffsetNano,
  Tracks,
  VideoCodecId,
  videoCodecKey,
  type VideoDescription,
  videoFlags,
  VideoFrameType,
  VideoPacketType,
  type VpConfig,
  type VvcConfig,
} from "./media/mod.ts";
export { ChunkDecoder, type MessageSink } from "./rtmp/chunk/decoder.ts";
export { ChunkEncoder } from "./rtmp/chunk/encoder.ts";
export { encodedSize, encodeMessage, encodeMessageInto } from "./rtmp/chunk/stateless_encoder.ts";
export { type ChunkDecoderLimits, DEFAULT_CHUNK_DECODER_LIMITS } from "./rtmp/chunk/limits.ts";
export {
  type AssemblyAccount,
  AssemblyBudget,
  type AssemblyHolder,
} from "./rtmp/chunk/assembly_budget.ts";
export { ClientHandshake, type ClientHandshakeOptions } from "./rtmp/handshake/client.ts";
export type { DigestBase } from "./rtmp/handshake/digest.ts";
export type { Ciphers } from "./rtmp/handshake/key_exchange.ts";
export { type HandshakeOptions, type RandomBytes } from "./rtmp/handshake/packet.ts";
export { ServerHandshake, type ServerHandshakeKind } from "./rtmp/handshake/server.ts";
export { type AggregateVisitor, forEachAggregated } from "./rtmp/message/aggregate.ts";
export {
  decodeSharedObject,
  encodeSharedObject,
  type SharedObjectEvent,
  SharedObjectEventType,
  type SharedObjectMessage,
} from "./rtmp/message/shared_object.ts";
export { MessageType, type RtmpMessage } from "./rtmp/message/types.ts";
export {
  type StreamEvent,
  type UserControl,
  UserControlEvent,
} from "./rtmp/message/user_control.ts";
export {
  type ClientPlayOptions,
  ClientSession,
  type ClientSessionHandler,
  type ClientSessionOptions,
  type ClientSessionPhase,
  ClientStream,
  type ClientStreamEvent,
  type ClientStreamState,
  type ConnectAnswer,
  type ConnectParameters,
  type ServerCall,
  type ServerRefusal,
  type ServerStatus,
  type SessionSizes,
  type StreamNotice,
} from "./rtmp/session/client/mod.ts";
export {
  Acknowledger,
  type Asked,
  type Capabilities,
  CapsEx,
  type ConnectRequest,
  type DataMessage,
  isReconnectUrl,
  NetStream,
  type NetStreamEvent,
  type NetStreamState,
  NO_CAPABILITIES,
  parseDataMessage,
  type PlayRequest,
  type PublishRequest,
  readsMultitrack,
  type RecordingEnd,
  type RecordStatus,
  type RemoteCall,
  Replies,
  type ReplySink,
  ServerSession,
  type ServerSessionOptions,
  type SessionHandler,
  type SessionPhase,
  statusInfo,
  statusLevel,
  type StreamDecisions,
  type StreamLengthRequest,
} from "./rtmp/session/mod.ts";
export type { VideoSignal } from "./media/codecs/vui.ts";
export type { MediaPacket } from "./media/message/packet.ts";
export { parseQuery, parseStreamPath, type StreamPath } from "./rtmp/stream_name.ts";
export { parseRtmpUrl, type RtmpScheme, type RtmpUrl } from "./rtmp/url.ts";
export { MessageDecoderStream, MessageEncoderStream } from "./rtmp/streams.ts";
