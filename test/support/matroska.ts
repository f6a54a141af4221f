/**
 * Writes what a player was sent into a Matroska file [RFC 9559], so that an ffmpeg that knows the
 * codecs but not Enhanced RTMP can decode it. Messages must not be multitrack.
 *
 * @module
 */
import { joined, type WireMessage } from "./chunks.ts";

/** An EBML element; sizes are written with eight bytes. */
function element(id: number, ...body: readonly Uint8Array[]): Uint8Array {
  const content = joined(body);
  const head: number[] = [];
  for (let shift = 24; shift >= 0; shift -= 8) if (id >>> shift) head.push((id >>> shift) & 255);
  const size = new DataView(new ArrayBuffer(8));
  size.setBigUint64(0, (1n << 56n) | BigInt(content.length));
  return joined([Uint8Array.from(head), new Uint8Array(size.buffer), content]);
}

function uint(id: number, value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value);
  return element(id, new Uint8Array(view.buffer));
}

function float(id: number, value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return element(id, new Uint8Array(view.buffer));
}

const text = (id: number, value: string) => element(id, new TextEncoder().encode(value));

/** What a message holds. */
interface Packet {
  readonly what: "config" | "frame" | "other";
  /** Matroska's name of the codec. */
  readonly codec: string;
  readonly key: boolean;
  /** Composition time (ms). */
  readonly composition: number;
  readonly body: Uint8Array;
}

const CODECS: Readonly<Record<string, string>> = {
  hvc1: "V_MPEGH/ISO/HEVC",
  avc1: "V_MPEG4/ISO/AVC",
  av01: "V_AV1",
  vp09: "V_VP9",
  "Opus": "A_OPUS",
  mp4a: "A_AAC",
};

const signed24 = (bytes: Uint8Array, at: number) =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8)) >> 8;

function read({ type, payload }: WireMessage): Packet {
  const first = payload[0]!;
  const key = type === 8 || ((first >> 4) & 7) === 1;
  const packet = (what: Packet["what"], codec: string, at: number, composition = 0): Packet => ({
    what,
    codec,
    key,
    composition,
    body: payload.subarray(at),
  });
  if (type === 8 && first >> 4 === 10) {
    return packet(payload[1] === 0 ? "config" : "frame", CODECS.mp4a!, 2);
  }
  if (type === 9 && first < 0x80) {
    const what = payload[1] === 0 ? "config" : payload[1] === 1 ? "frame" : "other";
    return packet(what, CODECS.avc1!, 5, signed24(payload, 2));
  }
  const packetType = first & 15;
  const fourCc = String.fromCharCode(...payload.subarray(1, 5));
  const codec = CODECS[fourCc];
  if (codec === undefined) throw new Error(`No such codec here: ${fourCc}`);
  if (packetType === 0) return packet("config", codec, 5);
  if (type === 8) return packet(packetType === 1 ? "frame" : "other", codec, 5);
  if (packetType === 3) return packet("frame", codec, 5);
  if (packetType !== 1) return packet("other", codec, 5);
  const hasTime = fourCc === "hvc1" || fourCc === "avc1";
  return packet("frame", codec, hasTime ? 8 : 5, hasTime ? signed24(payload, 5) : 0);
}

/** The file: one track of video and one of audio, as far as there are messages. */
export function matroska(
  messages: readonly WireMessage[],
  { width, height, sampleRate, channels }: {
    readonly width: number;
    readonly height: number;
    readonly sampleRate: number;
    readonly channels: number;
  },
): Uint8Array {
  const tracks: Uint8Array[] = [];
  const clusters: Uint8Array[] = [];
  for (const type of [9, 8]) {
    const packets = messages.filter((message) => message.type === type && message.payload.length)
      .map((message) => ({ ...read(message), time: message.timestamp }));
    // The last one, as FFmpeg sends an empty configuration of AV1 before the right one.
    const config = packets.findLast(({ what, body }) => what === "config" && body.length > 0);
    const frames = packets.filter(({ what }) => what === "frame");
    if (frames.length === 0) continue;
    const number = type === 9 ? 1 : 2;
    const parts = [
      ...[uint(0xd7, number), uint(0x73c5, number), uint(0x83, number)],
      text(0x86, frames[0]!.codec),
      ...(config === undefined ? [] : [element(0x63a2, config.body)]),
      type === 9
        ? element(0xe0, uint(0xb0, width), uint(0xba, height))
        : element(0xe1, float(0xb5, sampleRate), uint(0x9f, channels)),
    ];
    tracks.push(element(0xae, ...parts));
    for (const { time, composition, key, body } of frames) {
      const head = Uint8Array.of(0x80 | number, 0, 0, key ? 0x80 : 0);
      clusters.push(
        element(0x1f43b675, uint(0xe7, time + composition), element(0xa3, head, body)),
      );
    }
  }
  return joined([
    element(0x1a45dfa3, uint(0x4286, 1), text(0x4282, "matroska"), uint(0x4287, 4)),
    element(
      0x18538067,
      element(0x1549a966, uint(0x2ad7b1, 1_000_000)),
      element(0x1654ae6b, ...tracks),
      ...clusters,
    ),
  ]);
}
