/** The format of VP8 and VP9, by their records and by their key frames. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { vpFormat } from "../../../src/core/samples/vp_format.ts";
import type { VideoTrackFormat } from "../../../src/core/samples/mod.ts";
import { bytesOfFields } from "../../support/bits.ts";

interface Frame {
  readonly profile?: number;
  readonly twelve?: number;
  readonly space?: number;
  readonly range?: number;
  readonly subsampling?: readonly [number, number];
  readonly width?: number;
  readonly height?: number;
}

/** A key frame of VP9 up to its size [VP9 §6.2]. */
function vp9(
  { profile = 0, twelve = 0, space = 1, range = 0, subsampling: [x, y] = [1, 1], ...size }: Frame,
): Uint8Array {
  const { width = 640, height = 360 } = size;
  const odd = (profile & 1) === 1;
  const rgb = space === 7;
  return bytesOfFields([
    ...[[2, 2], [profile & 1, 1], [profile >> 1, 1]] as const,
    ...(profile === 3 ? [[0, 1]] as const : []),
    ...[[0, 1], [0, 1], [1, 1], [0, 1], [0x498342, 24]] as const,
    ...(profile >= 2 ? [[twelve, 1]] as const : []),
    [space, 3],
    ...(rgb ? [] : [[range, 1]] as const),
    ...(odd && !rgb ? [[x, 1], [y, 1]] as const : []),
    ...(odd ? [[0, 1]] as const : []),
    ...[[width - 1, 16], [height - 1, 16], [0, 16]] as const,
  ]);
}

/** A key frame of VP8 [RFC 6386 §9.1]. */
const vp8 = (width: number, height: number) =>
  Uint8Array.of(0x10, 0, 0, 0x9d, 1, 0x2a, width & 255, width >> 8, height & 255, height >> 8, 0);

function formatOf(codec: "vp8" | "vp9", frame: Uint8Array, config?: Uint8Array): VideoTrackFormat {
  const { format, problem } = vpFormat(codec, config, frame);
  assert.ok(format?.kind === "video", problem ?? codec);
  return format;
}

const recordOf = (frame: Frame) => [...formatOf("vp9", vp9(frame)).config];

test("a key frame of VP9 says profile, depth, subsampling, range and colours", () => {
  const cases: [Frame, profile: number, depthEtc: number, same: number, matrix: number][] = [
    [{}, 0, 0x82, 2, 5],
    [{ range: 1 }, 0, 0x83, 2, 5],
    [{ profile: 1, subsampling: [1, 0] }, 1, 0x84, 2, 5],
    [{ profile: 1, subsampling: [0, 0] }, 1, 0x86, 2, 5],
    [{ profile: 1, subsampling: [0, 1] }, 1, 0x86, 2, 5],
    [{ profile: 1, space: 7 }, 1, 0x87, 2, 0],
    [{ profile: 2 }, 2, 0xa2, 2, 5],
    [{ profile: 2, twelve: 1 }, 2, 0xc2, 2, 5],
    [{ profile: 3, subsampling: [1, 0] }, 3, 0xa4, 2, 5],
    [{ profile: 3, twelve: 1, space: 7 }, 3, 0xc7, 2, 0],
    [{ space: 0 }, 0, 0x82, 2, 2],
    [{ space: 2 }, 0, 0x82, 1, 1],
    [{ space: 3 }, 0, 0x82, 6, 6],
    [{ space: 4 }, 0, 0x82, 7, 7],
    [{ space: 5 }, 0, 0x82, 2, 9],
    [{ space: 6 }, 0, 0x82, 2, 2],
  ];
  for (const [frame, profile, depthEtc, same, matrix] of cases) {
    const wanted = [profile, 21, depthEtc, same, same, matrix, 0, 0];
    assert.deepEqual(recordOf(frame), wanted, JSON.stringify(frame));
  }
});

test("the level is that of the size of the picture", () => {
  const level = (width: number, height: number) => recordOf({ width, height })[1];
  const cases = [
    [256, 144, 10, 11],
    [256, 288, 11, 20],
    [480, 256, 20, 21],
    [640, 384, 21, 30],
    [1080, 512, 30, 31],
    [1280, 768, 31, 40],
    [2048, 1088, 40, 50],
    [4096, 2176, 50, 60],
    [8192, 4352, 60, 62],
  ] as const;
  for (const [width, height, here, above] of cases) {
    assert.deepEqual([level(width, height), level(width + 1, height)], [here, above], `${width}`);
  }
});

test("VP8 has eight bits, and colours that are not told", () => {
  const format = formatOf("vp8", vp8(640, 360));
  assert.deepEqual([...format.config], [0, 21, 0x82, 2, 2, 2, 0, 0]);
  assert.deepEqual([format.width, format.height, format.nalLength], [640, 360, 0]);
  assert.equal(format.colours, undefined);
});

test("colours are told as soon as one of the three numbers is", () => {
  const colours = (frame: Frame) => formatOf("vp9", vp9(frame)).colours;
  assert.equal(colours({ space: 0 }), undefined);
  const [primaries, transfer, fullRange] = [2, 2, false];
  assert.deepEqual(colours({}), { primaries, transfer, matrix: 5, fullRange });
  assert.deepEqual(colours({ space: 2, range: 1 }), {
    ...{ primaries: 1, transfer: 1, matrix: 1, fullRange: true },
  });
  for (const at of [3, 4, 5]) {
    const config = Uint8Array.of(0, 21, 0x82, 2, 2, 2, 0, 0).with(at, 1);
    assert.ok(formatOf("vp9", vp9({ space: 0 }), config).colours !== undefined, `${at}`);
  }
});

test("a record that was sent is kept, as far as it says anything, and the size is of the frame", () => {
  const sent = Uint8Array.of(2, 31, 0xa2, 9, 16, 9, 0, 2, 7, 7);
  for (const config of [sent, Uint8Array.of(1, 0, 0, 0, ...sent)]) {
    const format = formatOf("vp9", vp9({ profile: 2, width: 100, height: 50 }), config);
    assert.deepEqual([...format.config], [2, 31, 0xa2, 9, 16, 9, 0, 0]);
    assert.deepEqual([format.width, format.height], [100, 50]);
  }
  const cut = formatOf("vp9", vp9({}), sent.subarray(0, 3));
  assert.deepEqual([...cut.config], [0, 21, 0x82, 2, 2, 5, 0, 0], "as the frame says");
});

test("without a size that can be read there is no format", () => {
  for (const codec of ["vp8", "vp9"] as const) {
    const { problem } = vpFormat(codec, undefined, new Uint8Array(3));
    assert.equal(problem, `A key frame of ${codec} has no size that can be read`);
  }
});
