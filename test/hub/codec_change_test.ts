/** A publisher that changes its codec: what was said of the old one is told to nobody any more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Publisher, StreamRegistry } from "../../src/hub/mod.ts";
import { VIDEO_HEADER } from "../support/media.ts";
import { SETTINGS } from "../support/rtmp_service.ts";

const PATH = { app: "live", name: "test" };
const INFO = { sessionId: "s", address: "192.0.2.1:1", client: "test", since: 0 };

const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));
const V = (...bytes: number[]) => ({ kind: 9, bytes });
const A = (...bytes: number[]) => ({ kind: 8, bytes });
type Message = ReturnType<typeof V>;

const AVC = V(...VIDEO_HEADER);
const AVC_KEY = V(0x17, 1, 0, 0, 0, 1);
const AVC_ENHANCED = V(0x90, ...ascii("avc1"), ...VIDEO_HEADER.slice(5));
const AVC_ENHANCED_KEY = V(0x91, ...ascii("avc1"), 0, 0, 0, 1);
const HEVC = V(0x90, ...ascii("hvc1"), 1, ...Array(22).fill(0));
const HEVC_KEY = V(0x93, ...ascii("hvc1"), 1);
const HEVC_COLOURS = V(0x94, ...ascii("hvc1"), 2, 0, 1, 0x61);
const AV1 = V(0x90, ...ascii("av01"), 0x81, 0, 0, 0);
const AV1_KEY = V(0x91, ...ascii("av01"), 1);
const AAC = A(0xaf, 0, 0x12, 0x10);
const AAC_FRAME = A(0xaf, 1, 1);
const AAC_ENHANCED_FRAME = A(0x91, ...ascii("mp4a"), 1);
const OPUS = A(0x90, ...ascii("Opus"), ...ascii("OpusHead"), 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0);
const OPUS_FRAME = A(0x91, ...ascii("Opus"), 1);
const OPUS_CHANNELS = A(0x94, ...ascii("Opus"), 1, 2);
const MP3_FRAME = A(0x2f, 0xff, 0xfb);
const G711_FRAME = A(0x72, 1);
const track = (id: number, { kind, bytes }: Message): Message => ({
  kind,
  // The message without multitrack header as one that has it.
  bytes: [
    bytes[0]! & 0xf0 | (kind === 9 ? 6 : 5),
    bytes[0]! & 15,
    ...bytes.slice(1, 5),
    id,
    ...bytes.slice(5),
  ],
});

const CASES: [what: string, sent: Message[], headers: Message[], cached: Message[]][] = [
  ["AAC to MP3", [AAC, AAC_FRAME, MP3_FRAME], [], []],
  ["AAC to G.711, beside video", [AVC, AAC, AVC_KEY, AAC_FRAME, G711_FRAME], [AVC], []],
  ["AAC to MP3 between two GOPs", [AVC, AAC, AVC_KEY, AAC_FRAME, AVC_KEY, MP3_FRAME], [AVC], [
    ...[AVC_KEY, MP3_FRAME],
  ]],
  ["AAC to Opus", [AAC, AAC_FRAME, OPUS, OPUS_FRAME], [OPUS], []],
  ["Opus with channels to AAC", [OPUS, OPUS_CHANNELS, OPUS_FRAME, AAC], [AAC], []],
  ["MP3 to AAC", [MP3_FRAME, AAC, AAC_FRAME], [AAC], []],
  ["AAC to MP3 and back", [AAC, AAC_FRAME, MP3_FRAME, AAC, AAC_FRAME], [AAC], []],
  ["AVC to HEVC", [AVC, AVC_KEY, HEVC, HEVC_KEY], [HEVC], [HEVC_KEY]],
  ["HEVC with colours to AVC", [HEVC, HEVC_COLOURS, HEVC_KEY, AVC, AVC_KEY], [AVC], [AVC_KEY]],
  [
    "AVC to HEVC with colours ahead of the header",
    [AVC, AVC_KEY, HEVC_COLOURS, HEVC, HEVC_KEY],
    [HEVC, HEVC_COLOURS],
    [HEVC_KEY],
  ],
  ["AVC to AV1 without a header", [AVC, AVC_KEY, AV1_KEY], [], [AV1_KEY]],
  ["AVC to AV1", [AVC, AVC_KEY, AV1, AV1_KEY], [AV1], [AV1_KEY]],
  ["AVC to H.263", [AVC, AVC_KEY, V(0x12, 1)], [], [V(0x12, 1)]],
  ["AVC to VP6", [AVC, AVC_KEY, V(0x14, 1)], [], [V(0x14, 1)]],
  ["VP6 to AVC", [V(0x14, 1), AVC, AVC_KEY], [AVC], [AVC_KEY]],
  [
    "AVC to AVC with a FourCC",
    [AVC, AVC_KEY, AVC_ENHANCED, AVC_ENHANCED_KEY],
    [AVC_ENHANCED],
    [AVC_ENHANCED_KEY],
  ],
  [
    "the form of AVC frames alone",
    [AVC, AVC_KEY, AVC_ENHANCED_KEY],
    [AVC],
    [AVC_ENHANCED_KEY],
  ],
  [
    "the form of AAC frames alone",
    [AVC, AAC, AVC_KEY, AAC_FRAME, AAC_ENHANCED_FRAME],
    [AVC, AAC],
    [AVC_KEY, AAC_FRAME, AAC_ENHANCED_FRAME],
  ],
  [
    "one track of two",
    [AVC, track(1, HEVC), AVC_KEY, track(1, HEVC_KEY), track(1, AV1_KEY), AVC_KEY],
    [AVC],
    [track(1, AV1_KEY), AVC_KEY],
  ],
  [
    "nothing but a command and an empty message",
    [AVC, AVC_KEY, V(0x57, 0), V(), A(), AVC_KEY],
    [AVC],
    [AVC_KEY],
  ],
];

for (const [what, sent, headers, cached] of CASES) {
  test(`a late player is told of the codec in use alone: ${what}`, () => {
    const registry = new StreamRegistry(SETTINGS);
    const publisher = registry.publish(PATH, INFO, { onRevoked: () => {} }, 0) as Publisher;
    for (const { kind, bytes } of sent) publisher.push(kind, 0, Uint8Array.from(bytes), 0);
    const { stream } = publisher;
    const told = stream.headers().map(({ kind, payload }) => ({ kind, bytes: [...payload] }));
    assert.deepEqual(told, headers);
    const bytes = headers.reduce((sum, { bytes }) => sum + bytes.length, 0);
    assert.equal(stream.description.keptBytes, bytes, "and what is forgotten is not counted");
    const kept = [...stream.gop()].map(({ kind, payload }) => ({ kind, bytes: [...payload] }));
    assert.deepEqual(kept, cached);
  });
}
