/**
 * An Enhanced RTMP message as plain data, to look at and to make [E-RTMP v2 "Enhanced Video",
 * "Enhanced Audio"]. What relays a message needs none of this: see `enhanced_reader.ts`.
 *
 * @module
 */
import { joined } from "../../bytes/join.ts";
import { UsageError } from "../../errors.ts";
import {
  isEnhancedCommand,
  MAX_MOD_EX,
  MAX_TRACKS_PER_MESSAGE,
  MOD_EX,
  NOT_FOUND,
  packetTypeAt,
  skipModEx,
  Tracks,
} from "./packet_header.ts";
import { EnhancedReader } from "./reader.ts";
import { AudioPacketType, SoundFormat, VideoFrameType, VideoPacketType } from "../flv_tag.ts";
import { FOURCC_LENGTH, writeFourCc } from "../four_cc.ts";

/** The one extension that is defined: nanoseconds to add to the timestamp, 24 bits. */
export const MOD_EX_TIMESTAMP_OFFSET_NANO = 0;

/** Extension data of so many bytes and more has a 16-bit size. */
const WIDE_SIZE = 256;

/** Most bytes of extension data. */
const MAX_MOD_EX_DATA = 65_536;

/** An extension in front of a packet. */
export interface ModEx {
  /** {@linkcode MOD_EX_TIMESTAMP_OFFSET_NANO}, or one that is not defined; 0 to 15. */
  readonly type: number;
  /** 1 to 65536 bytes. */
  readonly data: Uint8Array;
  /** Whether the size is written with 16 bits though 8 would do. */
  readonly wide?: boolean;
}

/** A track of a message. */
export interface EnhancedTrack {
  /** 0 to 255; 0 in a message without multitrack header. */
  readonly id: number;
  /** The codec's FourCC as a number. */
  readonly fourCc: number;
  /** What is behind the header of the track; where the codec has a composition time, that as well. */
  readonly body: Uint8Array;
}

/** A message of Enhanced RTMP. */
export interface EnhancedMessage {
  /** Of pictures or of sound. */
  readonly kind: "video" | "audio";
  /** One of `VideoFrameType`, 0 to 7; 0 of audio. */
  readonly frameType: number;
  /** Packet type of all tracks; of a command the one that is written, which says nothing. */
  readonly packetType: number;
  /** The extensions in front, first one first. */
  readonly modEx: readonly ModEx[];
  /** Start (0) or end (1) of a seek, in place of tracks. */
  readonly command?: number;
  /** One of `Tracks`. */
  readonly form: number;
  /** One track, but of the forms with sizes any number from 1 to 256. Bodies are views. */
  readonly tracks: readonly EnhancedTrack[];
}

/**
 * Takes a message body apart; `undefined` when it is not one of Enhanced RTMP, is cut anywhere, or is
 * not of a form that is defined. Never throws. {@linkcode encodeEnhanced} makes the same bytes of it.
 */
export function parseEnhanced(
  kind: "video" | "audio",
  payload: Uint8Array,
): EnhancedMessage | undefined {
  const isVideo = kind === "video";
  const reader = new EnhancedReader();
  if (isVideo ? !reader.openVideo(payload) : !reader.openAudio(payload)) {
    return isVideo ? parseCommand(payload) : undefined;
  }
  const tracks: EnhancedTrack[] = [];
  let end = -1;
  while (reader.next()) {
    if (reader.cut) return undefined;
    ({ end } = reader);
    const { trackId: id, fourCc, start } = reader;
    tracks.push({ id, fourCc, body: payload.subarray(start, end) });
  }
  if (end !== payload.length) return undefined;
  const { frameType, packetType, tracks: form, prefixLength } = reader;
  return { kind, frameType, packetType, modEx: readModEx(payload, prefixLength), form, tracks };
}

function parseCommand(payload: Uint8Array): EnhancedMessage | undefined {
  if (payload.length === 0 || payload[0]! < 0x80) return undefined;
  const frameType = (payload[0]! >> 4) & 7;
  const place = skipModEx(payload);
  if (place === NOT_FOUND || !isEnhancedCommand(payload, frameType, place)) return undefined;
  const at = place >> 6;
  if (payload.length !== at + 1) return undefined;
  return {
    kind: "video",
    frameType,
    packetType: packetTypeAt(place),
    modEx: readModEx(payload, at),
    command: payload[at]!,
    form: Tracks.Single,
    tracks: [],
  };
}

/** The extensions of a message that has some up to `end`. */
function readModEx(payload: Uint8Array, end: number): ModEx[] {
  const found: ModEx[] = [];
  for (let at = 1; at < end;) {
    let size = payload[at]! + 1;
    at += 1;
    const wide = size === WIDE_SIZE;
    if (wide) {
      size = (payload[at]! << 8) + payload[at + 1]! + 1;
      at += 2;
    }
    const data = payload.subarray(at, at + size);
    found.push({ type: payload[at + size]! >> 4, data, ...(wide && { wide }) });
    at += size + 1;
  }
  return found;
}

/**
 * The nanoseconds that a message adds to its timestamp, below one millisecond; 0 when it says nothing
 * of them, or something that cannot be.
 */
export function timestampOffsetNano(message: EnhancedMessage): number {
  const found = message.modEx.find(({ type }) => type === MOD_EX_TIMESTAMP_OFFSET_NANO);
  if (found === undefined || found.data.length < 3) return 0;
  const nano = (found.data[0]! << 16) + (found.data[1]! << 8) + found.data[2]!;
  return nano < 1_000_000 ? nano : 0;
}

/**
 * Makes the message body.
 *
 * @throws UsageError when a number does not fit its field, or the tracks do not fit the form
 */
export function encodeEnhanced(message: EnhancedMessage): Uint8Array {
  checkMessage(message);
  const { kind, frameType, modEx, command, form, tracks } = message;
  const multitrack = kind === "video" ? VideoPacketType.Multitrack : AudioPacketType.Multitrack;
  const outer = form === Tracks.Single ? message.packetType : multitrack;
  const parts: ArrayLike<number>[] = [];
  // The type of what comes next is in the byte before it.
  let before = kind === "video" ? 0x80 | frameType << 4 : SoundFormat.Enhanced << 4;
  for (const { type, data, wide } of modEx) {
    const size = data.length - 1;
    const isWide = wide === true || data.length >= WIDE_SIZE;
    parts.push([before | MOD_EX, ...(isWide ? [0xff, size >> 8, size & 255] : [size])], data);
    before = type << 4;
  }
  parts.push([before | outer]);
  if (command !== undefined) parts.push([command]);
  if (form !== Tracks.Single) parts.push([(form - 1) << 4 | message.packetType]);
  tracks.forEach(({ id, fourCc, body }, index) => {
    const own = form === Tracks.ManyTracksManyCodecs;
    if (own || index === 0) parts.push(fourCcBytes(fourCc));
    if (form !== Tracks.Single) parts.push([id]);
    const { length } = body;
    if (own || form === Tracks.ManyTracks) parts.push([length >> 16, length >> 8, length]);
    parts.push(body);
  });
  return joined(parts);
}

function fourCcBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(FOURCC_LENGTH);
  writeFourCc(bytes, 0, value);
  return bytes;
}

function checkMessage(
  { kind, frameType, packetType, modEx, command, form, tracks }: EnhancedMessage,
) {
  const inner = kind === "video" ? VideoPacketType.Multitrack : AudioPacketType.Multitrack;
  const isCommand = command !== undefined;
  const many = form === Tracks.ManyTracks || form === Tracks.ManyTracksManyCodecs;
  check(within(frameType, kind === "video" ? 7 : 0), "frame type");
  check(within(packetType, 15) && packetType !== MOD_EX, "packet type");
  check(isCommand || packetType !== inner, "packet type");
  check(within(form, Tracks.ManyTracksManyCodecs), "form");
  check(modEx.length <= MAX_MOD_EX, "number of extensions");
  for (const { type, data } of modEx) {
    check(within(type, 15), "extension type");
    check(data.length >= 1 && data.length <= MAX_MOD_EX_DATA, "extension size");
  }
  if (isCommand) {
    check(within(command, 255) && form === Tracks.Single && tracks.length === 0, "command");
    check(kind === "video" && packetType !== VideoPacketType.Metadata, "command");
    return check(frameType === VideoFrameType.Command, "command");
  }
  check(
    frameType !== VideoFrameType.Command || packetType === VideoPacketType.Metadata,
    "command",
  );
  check(tracks.length >= 1 && tracks.length <= (many ? MAX_TRACKS_PER_MESSAGE : 1), "tracks");
  for (const { id, fourCc, body } of tracks) {
    check(within(id, form === Tracks.Single ? 0 : 255), "track id");
    check(within(fourCc, 0xffffffff), "FourCC");
    check(form === Tracks.ManyTracksManyCodecs || fourCc === tracks[0]!.fourCc, "FourCC");
    check(!many || body.length <= 0xffffff, "track size");
  }
}

function within(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

function check(condition: boolean, what: string): void {
  if (!condition) throw new UsageError(`An Enhanced RTMP message cannot have this ${what}`);
}
