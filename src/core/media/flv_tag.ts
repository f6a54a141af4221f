/**
 * The numbers in the first bytes of audio and video messages, which are FLV tag bodies
 * [FLV §E.4.2, §E.4.3], [E-RTMP v2 "Enhanced Audio", "Enhanced Video"].
 *
 * @module
 */

/** Frame types of video, in the high half of the first byte; bit 7 is the mark of Enhanced RTMP. */
export const VideoFrameType = {
  Key: 1,
  Inter: 2,
  /** An inter frame that may be left out; of H.263 once, now of any codec. */
  Disposable: 3,
  /** Of servers that make key frames up. Encoders do not send it, so it starts no GOP here. */
  GeneratedKey: 4,
  Command: 5,
} as const;

/** Codec ids of video without Enhanced RTMP; 12 and 13 are common practice, not standard. */
export const VideoCodecId = {
  SorensonH263: 2,
  ScreenVideo: 3,
  Vp6: 4,
  Vp6Alpha: 5,
  ScreenVideo2: 6,
  Avc: 7,
  Hevc: 12,
  Av1: 13,
} as const;

/** Packet types behind the codec ids {@linkcode VideoCodecId} `Avc`, `Hevc` and `Av1`. */
export const AvcPacketType = { SequenceHeader: 0, Coded: 1, EndOfSequence: 2 } as const;

/** Bytes before the payload of those codecs: types, packet type, 24-bit composition time. */
export const AVC_HEADER_LENGTH = 5;

/** Packet types of Enhanced RTMP video. */
export const VideoPacketType = {
  SequenceStart: 0,
  CodedFrames: 1,
  SequenceEnd: 2,
  /** Coded frames without a composition time. */
  CodedFramesX: 3,
  Metadata: 4,
  Mpeg2TsSequenceStart: 5,
  Multitrack: 6,
} as const;

/** Sound formats, in the high half of the first byte of audio; 13 is common practice. */
export const SoundFormat = {
  Pcm: 0,
  Adpcm: 1,
  Mp3: 2,
  PcmLittleEndian: 3,
  Nellymoser16k: 4,
  Nellymoser8k: 5,
  Nellymoser: 6,
  G711A: 7,
  G711U: 8,
  /** The mark of Enhanced RTMP: a packet type follows. */
  Enhanced: 9,
  Aac: 10,
  Speex: 11,
  Opus: 13,
  Mp3At8k: 14,
} as const;

/** Packet types of AAC. */
export const AacPacketType = { SequenceHeader: 0, Raw: 1 } as const;

/** Bytes before the payload of AAC: format and packet type. */
export const AAC_HEADER_LENGTH = 2;

/** Packet types of Enhanced RTMP audio. */
export const AudioPacketType = {
  SequenceStart: 0,
  CodedFrames: 1,
  SequenceEnd: 2,
  MultichannelConfig: 4,
  Multitrack: 5,
} as const;
