/**
 * Metadata as a target gets it: in the form that servers store, with what its operator has changed.
 *
 * @module
 */
import {
  AmfEcmaArray,
  type AmfValue,
  asRecord,
  DATA_AMF_LIMITS,
  decodeAmf0,
  encodeAmf0,
} from "../../core/amf/mod.ts";
import { MessageType } from "../../core/rtmp/message/types.ts";
import { parseDataMessage } from "../../core/rtmp/session/data_message.ts";
import { withSetDataFrame } from "../../core/rtmp/session/client/encode_media.ts";
import type { PushOptions } from "../../plugin/mod.ts";

/** Equal where metadata is changed in the same way; `""` where it is not. */
export function metadataKey(metadata: PushOptions["metadata"]): string {
  if (metadata === undefined) return "";
  return metadata === false ? "none" : JSON.stringify(metadata);
}

/** The body of a data message as it is published; what cannot be read or written anew goes as it is. */
export function writeMetadata(payload: Uint8Array, metadata: PushOptions["metadata"]): Uint8Array {
  try {
    const changed = typeof metadata === "object" ? change(payload, metadata) : undefined;
    return changed ?? withSetDataFrame(payload);
  } catch {
    return payload;
  }
}

function change(
  payload: Uint8Array,
  metadata: Exclude<PushOptions["metadata"], false | undefined>,
): Uint8Array | undefined {
  const message = parseDataMessage(MessageType.DataAmf0, payload);
  if (message?.handler !== "onMetaData") return undefined;
  const members = asRecord(decodeAmf0(message.payload, DATA_AMF_LIMITS)[1]);
  if (members === undefined) return undefined;
  const written = new Map<string, AmfValue>(members);
  for (const [key, value] of Object.entries(metadata)) {
    if (value === null) written.delete(key);
    else written.set(key, value);
  }
  return encodeAmf0("@setDataFrame", "onMetaData", new AmfEcmaArray(written));
}
