/** AC-3 and E-AC-3: what files say of them, by their frames. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { dolbyFormat, dolbySamples } from "../../../src/core/samples/dolby.ts";
import type { AudioTrackFormat } from "../../../src/core/samples/mod.ts";
import { bytesOfFields, type Field } from "../../support/bits.ts";

/** A frame of AC-3 up to its low frequency channel [ATSC A/52 §5.3]. */
function ac3({ rate = 0, size = 28, id = 8, kind = 0, mode = 2, low = 0 }): Uint8Array {
  // Mix levels, of the center and of the sides, and of Dolby Surround: all ones.
  const mixes: Field[] = [];
  if ([3, 5, 7].includes(mode)) mixes.push([3, 2]);
  if (mode >= 4) mixes.push([3, 2]);
  if (mode === 2) mixes.push([3, 2]);
  const head: Field[] = [[0x0b77, 16], [0xffff, 16], [rate, 2], [size, 6], [id, 5], [kind, 3]];
  return bytesOfFields([...head, [mode, 3], ...mixes, [low, 1], [0, 32]]);
}

/** A frame of E-AC-3 of so many bytes [ATSC A/52 §E.1.2]. */
function eac3(
  { type = 0, substream = 0, bytes = 64, rate = 0, blocks = 3, mode = 2, low = 0, id = 16 },
) {
  const frame = new Uint8Array(bytes);
  frame.set(bytesOfFields([
    ...[[0x0b77, 16], [type, 2], [substream, 3], [bytes / 2 - 1, 11], [rate, 2]] as const,
    ...[[blocks, 2], [mode, 3], [low, 1], [id, 5]] as const,
  ]));
  return frame;
}

function formatOf(message: Uint8Array, codec: "ac3" | "eac3" = "ac3"): AudioTrackFormat {
  const { format, problem } = dolbyFormat(codec, message);
  assert.ok(format?.kind === "audio", problem ?? codec);
  return format;
}

const join = (...frames: Uint8Array[]) => Uint8Array.from(frames.flatMap((frame) => [...frame]));

test("the box of AC-3 has what a frame says of itself [ETSI TS 102 366 §F.4]", () => {
  const box = (rate: number, id: number, kind: number, mode: number, low: number, code: number) => [
    ...bytesOfFields([[rate, 2], [id, 5], [kind, 3], [mode, 3], [low, 1], [code, 5], [0, 5]]),
  ];
  for (const mode of [0, 1, 2, 3, 4, 5, 6, 7]) {
    for (const low of [0, 1]) {
      const { config } = formatOf(ac3({ mode, low }));
      assert.deepEqual([...config], box(0, 8, 0, mode, low, 14), `mode ${mode}`);
    }
  }
  const odd = formatOf(ac3({ rate: 2, size: 37, id: 6, kind: 5, mode: 7, low: 1 }));
  assert.deepEqual([...odd.config], box(2, 6, 5, 7, 1, 18), "of two sizes one code");
  const { config: _, ...rest } = odd;
  assert.deepEqual(rest, {
    ...{ kind: "audio", codec: "ac3", codecString: "ac-3", timescale: 32_000 },
    ...{ sampleRate: 32_000, channels: 6, frameTicks: 1536 },
  });
});

test("the box of E-AC-3 has the bit rate of the message, and what its frames say", () => {
  const box = (kilobits: number, rate: number, mode: number, low: number, dependent = false) => [
    ...bytesOfFields([
      ...[[kilobits, 13], [0, 3], [rate, 2], [16, 5], [0, 1], [0, 4], [mode, 3], [low, 1]] as const,
      ...[[0, 3], [dependent ? 1 : 0, 4], [0, 1], ...(dependent ? [[2, 8]] as const : [])] as const,
    ]),
  ];
  // 64 bytes in 1536 samples at 48 kHz.
  assert.deepEqual([...formatOf(eac3({})).config], box(16, 0, 2, 0));
  assert.deepEqual([...formatOf(eac3({ bytes: 768, mode: 7, low: 1 })).config], box(192, 0, 7, 1));
  assert.deepEqual([...formatOf(eac3({ rate: 1, blocks: 0 })).config], box(88, 1, 2, 0));
  const back = join(eac3({ mode: 7, low: 1 }), eac3({ type: 1, bytes: 32 }));
  assert.deepEqual([...formatOf(back).config], box(24, 0, 7, 1, true));
  assert.deepEqual([...formatOf(join(eac3({}), eac3({}))).config], box(16, 0, 2, 0));
  const { config: _, ...rest } = formatOf(eac3({ rate: 2, mode: 1 }), "eac3");
  assert.deepEqual(rest, {
    ...{ kind: "audio", codec: "eac3", codecString: "ec-3", timescale: 32_000 },
    ...{ sampleRate: 32_000, channels: 1 },
  });
});

test("a bit rate that has no place in the box is the highest that has", () => {
  const message = eac3({ bytes: 512, blocks: 0 });
  const { config } = formatOf(join(message, new Uint8Array(512 * 4)));
  assert.equal(config[0]! << 5 | config[1]! >> 3, 3840, "what is no frame counts as well");
  const long = formatOf(join(message, new Uint8Array(512 * 40)));
  assert.equal(long.config[0]! << 5 | long.config[1]! >> 3, 0x1fff);
});

test("what a frame is, is told by itself, and not by the name it is sent by", () => {
  assert.equal(formatOf(ac3({ id: 10 }), "eac3").codec, "ac3");
  assert.equal(formatOf(eac3({}), "ac3").codec, "eac3");
});

test("what cannot be read is a problem", () => {
  const problem = (message: Uint8Array) => dolbyFormat("eac3", message).problem;
  const noHeader = "A frame of eac3 has no header that can be read";
  assert.equal(problem(new Uint8Array(20)), noHeader);
  assert.equal(problem(ac3({ rate: 3 })), noHeader);
  assert.equal(problem(eac3({ type: 1 })), "A frame of eac3 is damaged", "it depends on another");
});

test("frames of E-AC-3 are counted as far as they begin, 384 of them", () => {
  const frame = eac3({ bytes: 16, blocks: 0 });
  const samples = (count: number, cut = 0) => {
    const message = new Uint8Array(16 * count);
    for (let index = 0; index < count; index++) message.set(frame, 16 * index);
    return dolbySamples(message.subarray(0, message.length - cut));
  };
  assert.equal(samples(1), 256);
  assert.equal(samples(384), 384 * 256);
  assert.equal(samples(385), 384 * 256);
  assert.equal(samples(2, 8), 512);
  assert.equal(samples(2, 9), 256);
  assert.equal(dolbySamples(join(frame, Uint8Array.of(0x0b, 0x76), new Uint8Array(20))), 256);
  assert.equal(dolbySamples(join(frame, Uint8Array.of(0x0c, 0x77), new Uint8Array(20))), 256);
});

test("a frame has as many blocks as it says, six at half a sample rate, and its size in words", () => {
  const samples = [0, 1, 2, 3].map((blocks) => dolbySamples(eac3({ blocks })));
  assert.deepEqual(samples, [256, 512, 768, 1536]);
  assert.equal(dolbySamples(eac3({ rate: 3, blocks: 1 })), 1536);
  const large = join(eac3({ bytes: 2 * 2048, blocks: 1 }), eac3({ blocks: 0 }));
  assert.equal(dolbySamples(large), 768);
  const middle = join(eac3({ bytes: 2 * 257, blocks: 1 }), eac3({ blocks: 0 }));
  assert.equal(dolbySamples(middle), 768);
  assert.equal(dolbySamples(eac3({}).subarray(0, 8)), 1536);
  assert.equal(dolbySamples(eac3({}).subarray(0, 7)), undefined);
  assert.equal(dolbySamples(ac3({ id: 10 })), 1536);
  assert.equal(dolbySamples(eac3({ id: 11, blocks: 0 })), 256);
});
