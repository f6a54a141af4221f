/**
 * What client and server tell each other in `connect` of what they know of Enhanced RTMP
 * [E-RTMP v2 "Enhancing NetConnection connect Command"].
 *
 * @module
 */
import { amfObject, type AmfValue, asRecord } from "../../amf/mod.ts";

/** Bits of `capsEx`. */
export const CapsEx = {
  /** Follows a Reconnect Request. */
  Reconnect: 1,
  /** Several tracks of a kind in one stream. */
  Multitrack: 2,
  /** Signals that extend a message, such as the next one. */
  ModEx: 4,
  /** Time in nanoseconds. */
  TimestampNanoOffset: 8,
} as const;

/** Bits of a FourCC in `videoFourCcInfoMap` and `audioFourCcInfoMap`. */
export const FourCcInfo = { CanDecode: 1, CanEncode: 2, CanForward: 4 } as const;

/** Bits of `videoFunction`. */
export const VideoFunction = {
  ClientSeek: 1,
  /** Shows a high dynamic range. */
  ClientHdr: 2,
  /** Reads video packets of the type Metadata. */
  ClientMetadata: 4,
  /** Reads AV1 tile lists. */
  ClientLargeScaleTile: 8,
} as const;

/** Most FourCCs of a list or map that are kept: there are 12, and `*`. */
export const MAX_FOURCCS = 64;

/** What a client announced. */
export interface Capabilities {
  /** Whether it said anything of Enhanced RTMP: a client that did not may know nothing of it. */
  readonly enhanced: boolean;
  /** `fourCcList`: codecs it takes; `undefined` when it sent none, `*` for all. */
  readonly fourCcList: readonly string[] | undefined;
  /** `videoFourCcInfoMap`: {@linkcode FourCcInfo} bits by FourCC, `*` for those of every codec. */
  readonly videoFourCcs: ReadonlyMap<string, number>;
  /** `audioFourCcInfoMap`, likewise. */
  readonly audioFourCcs: ReadonlyMap<string, number>;
  /** {@linkcode CapsEx} bits; 0 when left out. */
  readonly capsEx: number;
  /** {@linkcode VideoFunction} bits; 0 when left out. Flash sends it too, always as 1. */
  readonly videoFunction: number;
}

/** What clients that know nothing of such maps share: that is most of them. */
const NO_FOURCCS: ReadonlyMap<string, number> = new Map();

/** What a client announced that said nothing. */
export const NO_CAPABILITIES: Capabilities = Object.freeze({
  enhanced: false,
  fourCcList: undefined,
  videoFourCcs: NO_FOURCCS,
  audioFourCcs: NO_FOURCCS,
  capsEx: 0,
  videoFunction: 0,
});

/** A number made of bits; 0 when it is none. */
function bits(value: AmfValue): number {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value < 2 ** 32
    ? value >>> 0
    : 0;
}

/** Whether a text may be a FourCC: what is longer is no codec, and not worth its memory. */
function isFourCc(value: unknown): value is string {
  return typeof value === "string" && (value === "*" || value.length === 4);
}

/** The FourCCs of a list. Clients that have no strict arrays send them under their index. */
function fourCcList(value: AmfValue): string[] | undefined {
  const items = Array.isArray(value) ? value : asRecord(value)?.values();
  if (items === undefined) return undefined;
  const list: string[] = [];
  for (const item of items) {
    if (list.length === MAX_FOURCCS) break;
    if (isFourCc(item)) list.push(item);
  }
  return list;
}

function infoMap(value: AmfValue): ReadonlyMap<string, number> {
  const record = asRecord(value);
  if (record === undefined) return NO_FOURCCS;
  const map = new Map<string, number>();
  for (const [fourCc, mask] of record) {
    if (map.size === MAX_FOURCCS) break;
    if (isFourCc(fourCc)) map.set(fourCc, bits(mask));
  }
  return map;
}

/** Reads what the command object of `connect` announces; what is of the wrong type is left out. */
export function readCapabilities(properties: ReadonlyMap<string, AmfValue>): Capabilities {
  const list = fourCcList(properties.get("fourCcList"));
  const videoFourCcs = infoMap(properties.get("videoFourCcInfoMap"));
  const audioFourCcs = infoMap(properties.get("audioFourCcInfoMap"));
  const capsEx = bits(properties.get("capsEx"));
  return {
    enhanced: list !== undefined || videoFourCcs.size > 0 || audioFourCcs.size > 0 || capsEx !== 0,
    fourCcList: list,
    videoFourCcs,
    audioFourCcs,
    capsEx,
    videoFunction: bits(properties.get("videoFunction")),
  };
}

/**
 * Whether a client reads messages that hold a track other than the only one. FFmpeg reads them and
 * has no `capsEx`, so that a client with a list of codecs and no `capsEx` counts as one that does.
 */
export function readsMultitrack({ capsEx, fourCcList }: Capabilities): boolean {
  return (capsEx & CapsEx.Multitrack) !== 0 || (capsEx === 0 && fourCcList !== undefined);
}

/**
 * What the server announces in the information object of the answer: it forwards every codec. The
 * list goes only to clients that sent one: some cameras cannot read an answer with an array in it.
 */
export function serverCapabilities(client: Capabilities): Record<string, AmfValue> {
  // An object for each: the same one twice would be sent as a reference, which librtmp cannot read.
  const forwards = () => amfObject({ "*": FourCcInfo.CanForward });
  return {
    capsEx: CapsEx.Reconnect | CapsEx.Multitrack | CapsEx.ModEx | CapsEx.TimestampNanoOffset,
    videoFunction: VideoFunction.ClientHdr | VideoFunction.ClientMetadata,
    videoFourCcInfoMap: forwards(),
    audioFourCcInfoMap: forwards(),
    ...(client.fourCcList === undefined ? {} : { fourCcList: ["*"] }),
  };
}
