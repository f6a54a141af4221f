/**
 * What a publisher said in `onMetaData`, decoded once and not for each request of the control API.
 *
 * @module
 */
import { AmfObject, type AmfValue, asRecord, decodeCommandBody, toPlain } from "../core/amf/mod.ts";
import { MessageType } from "../core/rtmp/message/types.ts";
import { isShowable, publicMetadata } from "./public_metadata.ts";
import { shownText } from "../text.ts";

/** One `onMetaData` message. */
export interface MetadataView {
  /** Its members that describe media; `undefined` when there is nothing that can be read. */
  readonly members: ReadonlyMap<string, AmfValue> | undefined;
  /** As much of it as is shown. */
  readonly shown: Readonly<Record<string, unknown>> | undefined;
  /** What the encoder calls itself. */
  readonly encoder: string | undefined;
}

const NOTHING: MetadataView = { members: undefined, shown: undefined, encoder: undefined };

/** By the body of the message, which the hub copies for each one that comes and never changes. */
const known = new WeakMap<Uint8Array, MetadataView>();

/** Reads the body of a stored `onMetaData` message, or remembers what it said. */
export function metadataView(payload: Uint8Array | undefined): MetadataView {
  if (payload === undefined) return NOTHING;
  let view = known.get(payload);
  if (view === undefined) known.set(payload, view = read(payload));
  return view;
}

function read(payload: Uint8Array): MetadataView {
  let value: AmfValue;
  try {
    value = decodeCommandBody(MessageType.DataAmf0, payload)[1];
  } catch {
    return NOTHING;
  }
  const members = asRecord(value);
  if (members === undefined) return NOTHING;
  const encoder = members.get("encoder");
  return {
    members: digest(members, 0),
    shown: publicMetadata(toPlain(value) as Record<string, unknown>),
    encoder: typeof encoder === "string" && encoder !== "" ? shownText(encoder) : undefined,
  };
}

/** Most tracks that are described, of video and of audio each. */
const MAX_TRACKS = 64;
/** Longest text that describes media, such as a codec, in UTF-16 units. */
const MAX_TEXT = 64;
/** Most members that are kept, of the stream and of each track. */
const MAX_MEMBERS = 256;
/** What describes tracks, by their ids [E-RTMP v2 "Enhancing onMetaData"]. */
const TRACKS = ["videoTrackIdInfoMap", "audioTrackIdInfoMap"];

/** What is kept for as long as the message: the rest may be large. */
function digest(members: ReadonlyMap<string, AmfValue>, depth: number): Map<string, AmfValue> {
  const kept = new Map<string, AmfValue>();
  for (const [name, value] of members) {
    if (kept.size >= MAX_MEMBERS) break;
    const isShort = typeof value === "number" || typeof value === "boolean" ||
      (typeof value === "string" && value.length <= MAX_TEXT);
    if (isShort && isShowable(name)) kept.set(name, value);
  }
  if (depth > 0) return kept;
  for (const name of TRACKS) {
    const tracks = asRecord(members.get(name));
    if (tracks === undefined) continue;
    const all = [...tracks].slice(0, MAX_TRACKS).map(([id, track]) =>
      [id, new AmfObject(digest(asRecord(track) ?? new Map(), 1))] as const
    );
    kept.set(name, new AmfObject(all));
  }
  return kept;
}
