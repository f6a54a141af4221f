import { test } from "node:test";
import assert from "node:assert/strict";
import { amfObject, encodeAmf0 } from "../../../../src/core/amf/mod.ts";
import { codecString, describeMedia } from "../../../../src/core/media/mod.ts";
import { parseHevcSps } from "../../../../src/core/media/codecs/hevc_sps.ts";
import { hex, toHex } from "../../amf/hex.ts";
import { audioStart, enhanced, videoStart } from "../messages.ts";
import {
  addEmulationPrevention,
  bitDepthOf,
  bytesOf,
  bytesOfBits,
  type MediaVector,
  mediaVectors,
} from "../vectors.ts";

interface Values {
  profile: string;
  width: number;
  height: number;
  pix_fmt: string;
  r_frame_rate: string;
  color_transfer?: string;
}

type Vector = MediaVector<Values> & {
  codec: "avc" | "hevc" | "av1" | "vp9";
  ffmpegCodecs?: string;
};

const FOURCCS = { avc: "avc1", hevc: "hvc1", av1: "av01", vp9: "vp09" };
const HDR: Record<string, string> = { smpte2084: "pq", "arib-std-b67": "hlg" };

const vectors = mediaVectors<Vector>("colours", 23);

for (const { name, codec, hex: digits, ffprobe, ffmpegCodecs } of vectors) {
  test(`colours, bit depth and frame rate of "${name}" (${codec}) are those that ffprobe finds`, () => {
    const { pix_fmt, color_transfer, r_frame_rate, width, height } = ffprobe;
    const videoHeader = videoStart(FOURCCS[codec], bytesOf(digits));
    const video = describeMedia({ videoHeader }).video!;
    assert.equal(video.bitDepth, bitDepthOf(pix_fmt));
    assert.equal(video.hdr, color_transfer && HDR[color_transfer]);
    if (codec !== "vp9") assert.deepEqual([video.width, video.height], [width, height]);
    if (codec === "avc" || codec === "hevc") {
      const [frames, seconds] = r_frame_rate.split("/").map(Number);
      assert.equal(video.frameRate, Number((frames! / seconds!).toFixed(3)));
    }
    if (ffmpegCodecs === undefined) {
      assert.match(video.codecString!, /^hvc1\.\d\.[\dA-F]+\.[LH]\d+\.[\dA-F]/);
    } else assert.equal(video.codecString, ffmpegCodecs);
  });
}

test("the vectors have every transfer function, 8, 10 and 12 bits, and rates of film and television", () => {
  const seen = (values: unknown[]) => new Set(values);
  const transfers = seen(vectors.map(({ ffprobe }) => ffprobe.color_transfer));
  for (const one of ["smpte2084", "arib-std-b67", "bt709", undefined]) {
    assert.ok(transfers.has(one));
  }
  const depths = seen(vectors.map(({ ffprobe }) => bitDepthOf(ffprobe.pix_fmt)));
  assert.deepEqual([...depths].sort(), [10, 12, 8]);
  const rates = seen(vectors.map(({ ffprobe }) => ffprobe.r_frame_rate));
  for (const rate of ["24000/1001", "30000/1001", "60/1"]) assert.ok(rates.has(rate));
});

test("codec strings have the forms of their standards", () => {
  const of = (codec: string, digits: string) => codecString(codec, hex(digits));
  assert.equal(of("avc", "01 64001f ff e0 00"), "avc1.64001f");
  const hvcC = "01 01 60000000 b00000000000 5d f000 fc fd f8 f8 0000 0f 00";
  assert.equal(of("hevc", hvcC), "hvc1.1.6.L93.B0");
  assert.equal(
    of("hevc", hvcC.replace("01 01 6", "01 e2 2").replace("b0000", "90004")),
    "hvc1.C2.4.H93.90.0.40",
  );
  assert.equal(of("hevc", hvcC.replace("b0", "00")), "hvc1.1.6.L93");
  assert.equal(of("hevc", hvcC.replace("60000000", "e0000001")), "hvc1.1.80000007.L93.B0");
  assert.equal(of("av1", "81 04 0c 00"), "av01.0.04M.08");
  assert.equal(of("av1", "81 4d c0 00"), "av01.2.13H.10");
  assert.equal(of("vp9", "01000000 00 0a 82 01 01 01 0000"), "vp09.00.10.08");
  assert.equal(of("vp9", "02 33 a2 09 10 09 0000"), "vp09.02.51.10");
  assert.equal(of("vp8", "00 0a 82 01 01 01 0000"), "vp08.00.10.08");
  assert.equal(of("aac", "1210"), "mp4a.40.2");
  assert.equal(of("aac", "2b8a0800"), "mp4a.40.5");
  assert.equal(of("aac", "eb8a0800"), "mp4a.40.29");
  assert.equal(of("opus", ""), undefined);
  assert.equal(of("avc", ""), undefined);
});

test("every codec of Enhanced RTMP has a codec string, without a header too", () => {
  const video = (fourCc: string) =>
    describeMedia({ lastVideo: enhanced(0x93, fourCc, new Uint8Array(0)) }).video?.codecString;
  const audio = (fourCc: string) =>
    describeMedia({ audioHeader: audioStart(fourCc, new Uint8Array(0)) }).audio?.codecString;
  assert.deepEqual(["avc1", "hvc1", "vvc1", "av01", "vp08", "vp09", "xxxx"].map(video), [
    ...["avc1", "hvc1", "vvc1", "av01", "vp08", "vp09", undefined],
  ]);
  assert.deepEqual(["mp4a", ".mp3", "Opus", "fLaC", "ac-3", "ec-3", "xxxx"].map(audio), [
    ...["mp4a.40", "mp3", "opus", "flac", "ac-3", "ec-3", undefined],
  ]);
});

test("an AV1 video descriptor in a MPEG2TSSequenceStart is read like a configuration record", () => {
  const { video } = describeMedia({
    videoHeader: enhanced(0x95, "av01", hex("80 04 81 08 cc 00")),
  });
  assert.deepEqual(video, {
    codec: "av1",
    codecString: "av01.0.08H.10",
    profile: "Main",
    level: "4.0",
    bitDepth: 10,
  });
  const other = describeMedia({ videoHeader: enhanced(0x95, "av01", hex("05 04 41563031")) });
  assert.deepEqual(other.video, { codec: "av1", codecString: "av01" });
});

/** A SequenceStart of HEVC in 8 bits, without colours. */
const PLAIN = videoStart("hvc1", bytesOf(mediaVectors("hevc", 9)[0]!.hex));

/** A metadata packet as FFmpeg sends it. */
const metadata = (colorConfig: Record<string, number>) =>
  enhanced(
    0xd4,
    "hvc1",
    encodeAmf0("colorInfo", amfObject({ colorConfig: amfObject(colorConfig) })),
  );

test("HDR metadata says what the header does not, and wins where both speak", () => {
  const hdr = (payload: Uint8Array, videoHeader = PLAIN) =>
    describeMedia({ videoHeader, videoPresentation: payload }).video?.hdr;
  assert.equal(hdr(metadata({ transferCharacteristics: 16, bitDepth: 10 })), "pq");
  assert.equal(hdr(metadata({ transferCharacteristics: 18 })), "hlg");
  assert.equal(hdr(metadata({ transferCharacteristics: 1 })), undefined);
  assert.equal(hdr(metadata({})), undefined);
  const pq = videoStart("hvc1", bytesOf(vectors[0]!.hex));
  assert.equal(hdr(metadata({ transferCharacteristics: 18 }), pq), "hlg");
  assert.equal(hdr(metadata({}), pq), "pq");
  const { video } = describeMedia({ videoPresentation: metadata({ bitDepth: 10 }) });
  assert.equal(video?.bitDepth, 10);
});

test("HDR metadata of another codec is that of another track", () => {
  const videoPresentation = metadata({ transferCharacteristics: 16 });
  const videoHeader = videoStart("avc1", hex("01 64001f ff e0 00"));
  assert.equal(describeMedia({ videoHeader, videoPresentation }).video?.hdr, undefined);
});

test("HDR metadata that is damaged says nothing", () => {
  const whole = metadata({ transferCharacteristics: 16 });
  // Behind the value only the ends of both objects follow, which may be missing.
  for (let end = 0; end < whole.length - 6; end++) {
    const { video } = describeMedia({
      videoHeader: PLAIN,
      videoPresentation: whole.subarray(0, end),
    });
    assert.equal(video?.hdr, undefined, `${end}`);
  }
  for (
    const body of [
      "",
      "02 0001 61",
      "05 05",
      "02 0009 636f6c6f72496e666f",
      "02 0009 636f6c6f72496e666f 06",
    ]
  ) {
    const payload = enhanced(0xd4, "hvc1", hex(body));
    assert.equal(
      describeMedia({ videoHeader: PLAIN, videoPresentation: payload }).video?.hdr,
      undefined,
    );
  }
});

test("a channel configuration says how many channels there are when the header does not", () => {
  const channels = (fourCc: string, body: string, header: string) =>
    describeMedia({
      audioHeader: audioStart(fourCc, hex(header)),
      audioPresentation: enhanced(0x94, fourCc, hex(body)),
    }).audio?.channels;
  assert.equal(channels("ac-3", "01 06 0000003f", ""), 6);
  assert.equal(
    channels(
      "Opus",
      "01 06 0000003f",
      toHex(new TextEncoder().encode("OpusHead")) + "01 02 0000 80bb0000 0000 00",
    ),
    2,
  );
  assert.equal(channels("ac-3", "01", ""), undefined);
  assert.equal(channels("ac-3", "00 00", ""), undefined);
});

/** An Exp-Golomb code. */
function ue(value: number): string {
  const bits = (value + 1).toString(2);
  return "0".repeat(bits.length - 1) + bits;
}

const u32 = (value: number) => value.toString(2).padStart(32, "0");

/** A parameter set of H.265 §7.3.2.2 with these reference pictures, and 50 frames a second. */
function spsWith(pictures: string, lists = "0"): Uint8Array {
  const bits = [
    "0000 000 1", // sps_video_parameter_set_id, sps_max_sub_layers_minus1, nesting
    "00000001" + "01100000".padEnd(80, "0") + "00111100", // profile and level
    ue(0) + ue(1) + ue(320) + ue(180), // id, 4:2:0, size
    "0", // no conformance window
    ue(0) + ue(0) + ue(4), // 8 bits; the order of pictures has 8 bits as well
    "1" + ue(4) + ue(2) + ue(0), // sub-layer ordering
    ue(0) + ue(3) + ue(0) + ue(3) + ue(0) + ue(0), // block sizes, hierarchy depths
    lists,
    "0 0 1 0111 0111 " + ue(0) + ue(2) + "0", // amp, sao, pcm
    pictures,
    "0 0", // temporal mvp, strong intra smoothing
    "1 0 0", // usability information: no aspect ratio, no overscan
    "1 101 0 1 00001001 00010010 00001001", // video signal: BT.2020, HLG
    "1" + ue(2) + ue(2) + "0 0 0", // chroma sample location
    "1" + ue(0) + ue(0) + ue(0) + ue(1), // display window
    "1" + u32(1) + u32(50),
    "1",
  ].join("");
  return Uint8Array.of(0x42, 0x01, ...addEmulationPrevention(bytesOfBits(bits)));
}

const one = "0" + ue(1) + ue(1) + ue(0) + "1" + ue(0) + "1"; // a set with a picture before and one behind
const sets: Record<string, string> = {
  "no reference pictures": ue(0) + "0",
  "an empty set": ue(1) + ue(0) + ue(0) + "0",
  "long-term pictures": ue(0) + "1" + ue(2) + "00000001 1 00000010 0",
  "sets that name their pictures": ue(2) + one.slice(1) + one + "0",
  // The second is predicted from the first: of its three pictures the last is not used at all.
  "a predicted set": ue(3) + one.slice(1) + "1 0" + ue(0) + "1 01 00" + "1 1" + ue(0) + "1 1 1" +
    "0",
};

for (const [what, pictures] of Object.entries(sets)) {
  test(`a parameter set of HEVC with ${what} is read up to its frame rate and colours`, () => {
    const expected = {
      ...{ width: 320, height: 180, frameRate: 50, hdr: "hlg" },
      colours: [9, 18, 9, 0],
    };
    assert.deepEqual(parseHevcSps(spsWith(pictures)), expected);
  });
}

test("scaling lists of HEVC are passed, those that are copies and those that are written out", () => {
  const list = (size: number) =>
    (size > 1 ? ue(3) : "") + ue(1).repeat(Math.min(64, 16 << 2 * size));
  const lists = [0, 1, 2, 3].map((size) =>
    Array.from(
      { length: size === 3 ? 2 : 6 },
      (_, index) => index === 1 ? "1" + list(size) : "0" + ue(0),
    ).join("")
  ).join("");
  assert.equal(parseHevcSps(spsWith(ue(0) + "0", "1 1" + lists))?.frameRate, 50);
  assert.equal(parseHevcSps(spsWith(ue(0) + "0", "1 0"))?.frameRate, 50);
});

test("a parameter set of HEVC with more reference pictures than there can be has a size alone", () => {
  const size = { width: 320, height: 180 };
  assert.deepEqual(parseHevcSps(spsWith(ue(65) + "1".repeat(900))), size);
  assert.deepEqual(parseHevcSps(spsWith(ue(1) + ue(9) + ue(8) + "1".repeat(200))), size);
  assert.deepEqual(parseHevcSps(spsWith(ue(0) + "1" + ue(33) + "1".repeat(900))), size);
});
