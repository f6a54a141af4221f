/**
 * AMF0 and AMF3, the formats of commands and metadata [AMF0, AMF3].
 *
 * @module
 */

export { amf0Only } from "./amf0_only.ts";
export { Amf0Decoder, decodeAmf0 } from "./amf0_decode.ts";
export { Amf0Encoder, encodeAmf0 } from "./amf0_encode.ts";
export { Amf3Decoder, decodeAmf3 } from "./amf3_decode.ts";
export { Amf3Encoder, encodeAmf3 } from "./amf3_encode.ts";
export { decodeCommandBody } from "./command_body.ts";
export { fromPlain, MAX_FROM_PLAIN_DEPTH, MAX_FROM_PLAIN_NODES } from "./from_plain.ts";
export {
  AmfBudget,
  type AmfLimits,
  COMMAND_AMF_LIMITS,
  DATA_AMF_LIMITS,
  MAX_AMF_DEPTH,
} from "./limits.ts";
export { DEFAULT_PLAIN_LIMITS, type PlainLimits, toPlain, toPlainList } from "./plain.ts";
export {
  AMF_UNSUPPORTED,
  AmfDate,
  AmfDictionary,
  AmfEcmaArray,
  AmfExternal,
  AmfObject,
  amfObject,
  type AmfTraits,
  AmfUnsupported,
  type AmfValue,
  AmfVector,
  type AmfVectorItems,
  AmfXml,
  asRecord,
  DYNAMIC_TRAITS,
} from "./value.ts";
