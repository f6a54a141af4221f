/** Formats of sound whose configuration says all there is to know. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { aacFraming } from "../../../src/core/samples/aac_framing.ts";
import { aacFormat, flacFormat, opusFormat } from "../../../src/core/samples/audio_format.ts";
import type { FormatResult } from "../../../src/core/samples/track_format.ts";
import { bytesOfFields, type Field } from "../../support/bits.ts";

/** A result without the bytes of the configuration, and those. */
function parted({ format, problem }: FormatResult) {
  if (format === undefined) return problem;
  const { config, ...rest } = format;
  return { ...rest, config: [...config] };
}

const letters = (text: string) => [...text].map((letter) => letter.charCodeAt(0));

/** STREAMINFO of 48 kHz, 2 channels, 24 bits, and so many bytes of it. */
const STREAMINFO = bytesOfFields([
  ...[[4096, 16], [4096, 16], [14, 24], [9000, 24], [48_000, 20], [1, 3], [23, 5]] as const,
  ...[[0, 36], ...Array.from({ length: 16 }, (_, index) => [index, 8] as const)] as const,
]);

test("FLAC is described by its STREAMINFO, alone or as a stream begins", () => {
  assert.equal(STREAMINFO.length, 34);
  const wanted = {
    ...{ kind: "audio", codec: "flac", codecString: "flac", timescale: 48_000 },
    ...{ sampleRate: 48_000, channels: 2, bitDepth: 24, config: [...STREAMINFO] },
  };
  const whole = Uint8Array.from([...letters("fLaC"), 0x80, 0, 0, 34, ...STREAMINFO]);
  for (const config of [STREAMINFO, whole, Uint8Array.of(...STREAMINFO, 1), whole]) {
    assert.deepEqual(parted(flacFormat(config)), wanted);
  }
  for (const config of [STREAMINFO, whole]) {
    const cut = config.subarray(0, config.length - 1);
    const why = `The configuration of FLAC is damaged (${cut.length} bytes)`;
    assert.equal(parted(flacFormat(cut)), why);
  }
  const picture = whole.with(4, 0x86);
  assert.match(`${parted(flacFormat(picture))}`, /damaged/, "another block comes first");
});

/** An identification header of so many channels [RFC 7845 §5.1]. */
function opusHead(channels: number, family: number, ...table: number[]): Uint8Array {
  const head = [1, channels, 0x38, 1, 0x80, 0xbb, 0, 0, 0, 0, family];
  return Uint8Array.from([...letters("OpusHead"), ...head, ...table]);
}

test("Opus is described by its header, with the table of channels where there is one", () => {
  const described = (head: Uint8Array, length: number) => ({
    ...{ kind: "audio", codec: "opus", codecString: "opus", timescale: 48_000 },
    ...{ sampleRate: 48_000, channels: head[9], config: [...head.subarray(0, length)] },
  });
  for (const channels of [1, 2]) {
    const head = opusHead(channels, 0, 7, 7);
    assert.deepEqual(parted(opusFormat(head)), described(head, 19));
    assert.deepEqual(parted(opusFormat(head.subarray(0, 19))), described(head, 19));
  }
  const surround = opusHead(6, 1, 4, 2, 0, 4, 1, 2, 3, 5, 9);
  for (const head of [surround, surround.subarray(0, 27)]) {
    assert.deepEqual(parted(opusFormat(head)), described(surround, 27));
  }
  const damaged = [
    opusHead(3, 0),
    opusHead(6, 1, 4, 2, 0, 4, 1, 2, 3),
    opusHead(2, 0).subarray(0, 18),
    opusHead(2, 1),
    letters("OpusHead"),
  ];
  for (const head of damaged) {
    const why = `The configuration of Opus is damaged (${head.length} bytes)`;
    assert.equal(parted(opusFormat(Uint8Array.from(head))), why);
  }
});

interface Aac {
  readonly type?: number;
  readonly rate?: number;
  readonly hertz?: number;
  readonly channels?: number;
  readonly short?: number;
}

/** An AudioSpecificConfig [ISO/IEC 14496-3 §1.6.2.1]. */
function aac({ type = 2, rate = 4, hertz = 0, channels = 2, short = 0 }: Aac): Uint8Array {
  const kind: Field[] = type < 31 ? [[type, 5]] : [[31, 5], [type - 32, 6]];
  const sampled: Field[] = rate === 15 ? [[15, 4], [hertz, 24]] : [[rate, 4]];
  return bytesOfFields([...kind, ...sampled, [channels, 4], [short, 1], [0, 2]]);
}

test("AAC has one of thirteen sample rates, or says it", () => {
  const rates = Array.from({ length: 15 }, (_, rate) => aacFraming(aac({ rate }))?.sampleRate);
  assert.deepEqual(rates, [
    ...[96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025],
    ...[8_000, 7_350, undefined, undefined],
  ]);
  assert.deepEqual(aacFraming(aac({ rate: 15, hertz: 44_101 })), {
    ...{ objectType: 2, rateIndex: 15, sampleRate: 44_101, channelConfig: 2, frameLength: 1024 },
  });
  assert.equal(aacFraming(aac({ rate: 15, hertz: 0 })), undefined);
});

test("a frame of AAC has 1024 samples or 960, half as many with low delay", () => {
  const length = (config: Aac) => aacFraming(aac(config))?.frameLength;
  assert.deepEqual([length({}), length({ short: 1 })], [1024, 960]);
  for (const type of [23, 39]) {
    assert.deepEqual([length({ type }), length({ type, short: 1 })], [512, 480], `${type}`);
  }
  assert.deepEqual([length({ type: 42 }), length({ type: 42, short: 1 })], [1024, 1024]);
  for (const type of [1, 22, 24, 38, 40, 41, 43]) assert.equal(length({ type }), 1024, `${type}`);
});

test("with spectral band replication the framing is that of the core, and what comes out is more", () => {
  const sbr = (type: number, rate: Field[]) =>
    bytesOfFields([
      ...[[type, 5], [7, 4], [1, 4], ...rate, [2, 5], [0, 3]] as const,
    ]);
  const framing = {
    ...{ objectType: 2, rateIndex: 7, sampleRate: 22_050, channelConfig: 1, frameLength: 1024 },
  };
  for (const type of [5, 29]) {
    for (const rate of [[[4, 4]], [[15, 4], [44_100, 24]]] as Field[][]) {
      const config = sbr(type, rate);
      assert.deepEqual(aacFraming(config), framing);
      const format = parted(aacFormat(config)) as Record<string, unknown>;
      assert.deepEqual(
        [format.codecString, format.sampleRate, format.channels, format.frameTicks],
        [`mp4a.40.${type}`, 44_100, type === 29 ? 2 : 1, 2048],
      );
    }
  }
});

test("AAC that is damaged, or does not say its channels, is a problem", () => {
  assert.equal(
    parted(aacFormat(Uint8Array.of(0x12))),
    "The configuration of AAC is damaged (1 bytes)",
  );
  assert.deepEqual(parted(aacFormat(aac({}))), {
    ...{ kind: "audio", codec: "aac", codecString: "mp4a.40.2", timescale: 44_100 },
    ...{ sampleRate: 44_100, channels: 2, frameTicks: 1024, config: [...aac({})] },
  });
  const none = "The configuration of AAC does not say how many channels there are";
  assert.equal(parted(aacFormat(aac({ channels: 15 }))), none);
});

test("a format of sound keeps nothing of the message that its configuration came in", () => {
  for (
    const [read, config] of [
      [aacFormat, aac({})],
      [opusFormat, opusHead(2, 0)],
      [flacFormat, STREAMINFO.slice()],
    ] as const
  ) {
    const { format } = read(config);
    const kept = [...format!.config];
    config.fill(0xee);
    assert.deepEqual([...format!.config], kept);
  }
});
