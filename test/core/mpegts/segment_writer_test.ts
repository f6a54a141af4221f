import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hex } from "../../../src/core/bytes/hex.ts";
import { joined } from "../../../src/core/bytes/join.ts";
import { mpegTsProblem, TsSegmentWriter } from "../../../src/core/mpegts/mod.ts";
import type { Sample, TrackFormat } from "../../../src/core/samples/mod.ts";
import { check } from "../../support/property.ts";
import { TsReader } from "../../support/ts.ts";
import { AAC_LC, AVC, formatOf, HEVC } from "../samples/formats.ts";

const VIDEO = { id: 1, format: AVC };
const AUDIO = { id: 2, format: AAC_LC };

/** A sample with NAL units behind sizes of four bytes. */
function picture(dts: number, units: readonly number[][], more: Partial<Sample> = {}): Sample {
  const data = joined(units.map((unit) => [0, 0, unit.length >> 8, unit.length & 255, ...unit]));
  return { dts, duration: 3600, composition: 0, key: false, data, ...more };
}

function sound(dts: number, length = 3): Sample {
  return {
    dts,
    duration: 1024,
    composition: 0,
    key: true,
    data: new Uint8Array(length).fill(0x21),
  };
}

const IDR = [0x65, 1, 2, 3];
const SLICE = [0x41, 9];

test("a picture to start at has a delimiter and the parameter sets before it, any other a delimiter", () => {
  const reader = new TsReader();
  reader.add(
    new TsSegmentWriter([VIDEO]).segment([{
      id: 1,
      // A delimiter of its own and empty units are left out, a message stays.
      samples: [picture(0, [[9, 0x10], [6, 5], [], IDR], { key: true }), picture(3600, [SLICE])],
    }]),
  );
  const start = "00000001";
  const sets = `${start}${hex(AVC.config.subarray(8, 32))}${start}${hex(AVC.config.subarray(35))}`;
  assert.deepEqual(reader.packets.map(({ data }) => hex(data)), [
    `${start}09f0${sets}${start}0605${start}65010203`,
    `${start}09f0${start}4109`,
  ]);
  assert.deepEqual(reader.packets.map(({ key }) => key), [true, false]);
});

test("parameter sets that come with a picture are those of the stream", () => {
  const unitsOf = (format: TrackFormat, ...units: number[][]) => {
    const reader = new TsReader();
    const samples = [picture(0, units, { key: true })];
    reader.add(new TsSegmentWriter([{ id: 1, format }]).segment([{ id: 1, samples }]));
    return hex(reader.packets[0]!.data).split("00000001").slice(2);
  };
  assert.deepEqual(unitsOf(AVC, [0x67, 1], [0x68, 2], IDR), ["6701", "6802", "65010203"]);
  assert.deepEqual(unitsOf(AVC, [0x67, 1], IDR), ["6701", "65010203"]);
  // A picture parameter set alone needs those of the sequence.
  assert.equal(unitsOf(AVC, [0x68, 2], IDR).length, 2 + 2);
  assert.deepEqual(unitsOf(HEVC, [0x42, 1], [0x26, 1, 5]), ["4201", "260105"]);
  assert.equal(unitsOf(HEVC, [0x44, 1], [0x26, 1, 5]).length, 3 + 2);
});

test("sizes of NAL units of one and two bytes are read as the configuration says", () => {
  for (const length of [1, 2]) {
    const format = formatOf("avc", AVC.config.with(4, 0xfc | length - 1));
    const size = length === 1 ? [2] : [0, 2];
    const data = Uint8Array.of(...size, ...SLICE, ...size, 0x01, 7);
    const reader = new TsReader();
    const sample = { dts: 0, duration: 1, composition: 0, key: false, data };
    reader.add(new TsSegmentWriter([{ id: 1, format }]).segment([{ id: 1, samples: [sample] }]));
    assert.equal(hex(reader.packets[0]!.data), "0000000109f00000000141090000000101" + "07");
  }
});

test("H.265 has its own delimiter, and all three kinds of parameter sets", () => {
  const reader = new TsReader();
  const samples = [picture(0, [[0x46, 1, 0x10], [0x26, 1, 5]], { key: true })];
  reader.add(new TsSegmentWriter([{ id: 1, format: HEVC }]).segment([{ id: 1, samples }]));
  assert.deepEqual([...reader.types], [[0x100, 0x24]]);
  const types = hex(reader.packets[0]!.data).split("00000001").slice(1).map((unit) =>
    parseInt(unit.slice(0, 2), 16) >> 1
  );
  assert.deepEqual(types, [35, 32, 33, 34, 19]);
});

test("AAC has a header before each frame, and frames of a tenth of a second are sent together", () => {
  const reader = new TsReader();
  const samples = Array.from({ length: 9 }, (_, index) => sound(index * 1024));
  reader.add(new TsSegmentWriter([AUDIO]).segment([{ id: 2, samples }]));
  // By hand [ISO/IEC 14496-3 §1.A.3.2]: LC is 1, 44.1 kHz 4, two channels 2, 10 bytes in all.
  const frame = "fff15080015ffc212121";
  assert.deepEqual(reader.packets.map(({ data }) => hex(data)), [
    frame.repeat(4),
    frame.repeat(4),
    frame,
  ]);
  // 4096 samples at 44.1 kHz are 8359 ticks of 90 kHz.
  assert.deepEqual(reader.packets.map(({ pts }) => pts), [126_000, 134_359, 142_718]);
});

test("sound behind a gap has a time of its own", () => {
  const reader = new TsReader();
  const samples = [sound(0), sound(1024), sound(44_100), sound(45_124)];
  reader.add(new TsSegmentWriter([AUDIO]).segment([{ id: 2, samples }]));
  assert.deepEqual(reader.packets.map(({ pts }) => pts), [126_000, 216_000]);
});

test("a frame that is longer than its header can say, and a picture without a whole unit, are left out", () => {
  const writer = new TsSegmentWriter([VIDEO, AUDIO]);
  const reader = new TsReader();
  const cut = Uint8Array.of(0, 0, 0, 9, 0x41);
  reader.add(writer.segment([
    { id: 1, samples: [{ ...picture(0, []), data: cut }, picture(3600, [SLICE])] },
    { id: 2, samples: [sound(0, 8185), sound(1024, 8184)] },
  ]));
  assert.equal(writer.dropped, 2);
  assert.deepEqual(reader.packets.map(({ data }) => data.length), [8191, 12]);
});

test("times wrap after 33 bits, the clock with them", () => {
  const reader = new TsReader();
  const writer = new TsSegmentWriter([VIDEO], 0);
  const at = 2 ** 33 + 63_000 - 3600;
  reader.add(writer.segment([{
    id: 1,
    samples: [0, 3600, 7200].map((more) => picture(at + more, [SLICE], { composition: 3600 })),
  }]));
  assert.deepEqual(reader.packets.map(({ dts }) => dts), [59_400, 63_000, 66_600]);
  assert.deepEqual(reader.packets.map(({ pts }) => pts), [63_000, 66_600, 70_200]);
  assert.deepEqual(reader.clocks, [2 ** 33 - 3600, 0, 3600].map((base) => base * 300));
});

test("presentation before decoding moves decoding back, and never presentation", () => {
  const reader = new TsReader();
  const compositions = [0, -1800, 3600, -900];
  const samples = compositions.map((composition, index) =>
    picture(index * 3600, [SLICE], { composition })
  );
  reader.add(new TsSegmentWriter([VIDEO]).segment([{ id: 1, samples }]));
  assert.deepEqual(
    reader.packets.map(({ pts }) => pts - 126_000),
    compositions.map((composition, index) => index * 3600 + composition),
  );
  assert.deepEqual(reader.packets.map(({ dts }) => dts - 126_000), [-1800, 1800, 5400, 9000]);
});

test("what a transport stream cannot hold is told in words", () => {
  assert.equal(mpegTsProblem(AVC), undefined);
  assert.equal(mpegTsProblem(AAC_LC), undefined);
  const aac = (...config: number[]) => mpegTsProblem(formatOf("aac", Uint8Array.from(config)));
  assert.equal(
    aac(0x17, 0x80, 0x56, 0x22, 0x10),
    "AAC at a sample rate of its own has no ADTS header",
  );
  assert.match(aac(0xf8, 0x46, 0x20)!, /object type/);
  const opus = { ...AAC_LC, codec: "opus" } as TrackFormat;
  assert.equal(mpegTsProblem(opus), "opus has no place in MPEG-TS here");
});

test("a frame of sound that fits into no packet is left out, and what is around it is not", () => {
  const format = { ...AAC_LC, codec: "mp3" } as const;
  const writer = new TsSegmentWriter([{ id: 2, format }]);
  const reader = new TsReader();
  const samples = [sound(0, 5), sound(1024, 65_504), sound(2048, 6), sound(3072, 65_503)];
  reader.add(writer.segment([{ id: 2, samples }]));
  assert.deepEqual(reader.packets.map(({ data }) => data.length), [5, 6, 65_503]);
  assert.equal(writer.dropped, 1);
});

test("between pictures that are far apart the clock goes on, and tables come again", () => {
  const writer = new TsSegmentWriter([VIDEO, AUDIO]);
  const reader = new TsReader();
  const samples = [0, 1000, 7000].map((ms) => picture(ms * 90, [SLICE], { duration: 90_000 }));
  const bytes = writer.segment([
    { id: 1, samples: samples.slice(0, 2) },
    { id: 2, samples: Array.from({ length: 43 }, (_, index) => sound(index * 1024)) },
  ]);
  reader.add(bytes);
  reader.add(writer.segment([{ id: 1, samples: samples.slice(2) }]));
  const ms = reader.clocks.map((clock) => Math.round(clock / 27_000));
  // From 700 ms on, every 90 ms; not over the six seconds in which there was nothing at all.
  assert.deepEqual(ms, [
    ...Array.from({ length: 12 }, (_, index) => 700 + 90 * index),
    ...[1700, 7700],
  ]);
  // Tables are at the beginning, and half a second behind that.
  let tables = 0;
  for (let at = 0; at < bytes.length; at += 188) {
    if (bytes[at + 1] === 0x40 && bytes[at + 2] === 0) tables++;
  }
  assert.equal(tables, 2);
});

const anySamples = fc.record({
  pictures: fc.array(
    fc.record({
      ms: fc.integer({ min: 1, max: 700 }),
      size: fc.integer({ min: 1, max: 3000 }),
      key: fc.boolean(),
    }),
    { minLength: 1, maxLength: 25 },
  ),
  sounds: fc.array(fc.integer({ min: 1, max: 2000 }), { maxLength: 60 }),
  compositions: fc.array(fc.integer({ min: -200, max: 400 }), { minLength: 1, maxLength: 5 }),
  cuts: fc.integer({ min: 1, max: 4 }),
});

test("any samples make a stream with whole packets, running counters and a clock in time", () => {
  check(
    fc.property(anySamples, ({ pictures, sounds, compositions, cuts }) => {
      let dts = 0;
      const video = pictures.map(({ ms, size, key }, index) => {
        const sample = picture(dts, [[0x41, ...new Array(size).fill(index & 255)]], {
          ...{ key, composition: compositions[index % compositions.length]! * 90 },
        });
        dts += ms * 90;
        return sample;
      });
      const audio = sounds.map((length, index) => sound(index * 1024, length));
      const writer = new TsSegmentWriter([VIDEO, AUDIO]);
      const reader = new TsReader();
      const part = <T>(list: readonly T[], index: number) =>
        list.slice(
          Math.ceil(list.length * index / cuts),
          Math.ceil(list.length * (index + 1) / cuts),
        );
      for (let index = 0; index < cuts; index++) {
        reader.add(writer.segment([
          { id: 1, samples: part(video, index) },
          { id: 2, samples: part(audio, index) },
        ]));
      }
      const shown = reader.packets.filter(({ streamId }) => streamId === 0xe0);
      assert.deepEqual(
        shown.map(({ pts }) => pts - 126_000),
        video.map((sample) => sample.dts + sample.composition),
      );
      for (const [index, { pts, dts: decode, clock, key }] of shown.entries()) {
        assert.ok(pts >= decode, "presented behind decoded");
        assert.ok(clock === undefined || decode * 300 > clock, "decoded behind the clock");
        // A later segment may be the first to say that pictures are shown before they are decoded.
        const rises = index === 0 || cuts > 1 || decode > shown[index - 1]!.dts;
        assert.ok(rises, "decode times rise");
        assert.equal(key, video[index]!.key);
      }
      assert.equal(
        reader.packets.reduce(
          (sum, { streamId, data }) => sum + (streamId === 0xc0 ? data.length : 0),
          0,
        ),
        audio.reduce((sum, { data }) => sum + data.length + 7, 0),
      );
      for (const [index, clock] of reader.clocks.entries()) {
        const step = index === 0 ? 1 : (clock - reader.clocks[index - 1]!) / 27_000;
        assert.ok(step > 0 && step <= 100, `the clock rises in time: ${step} ms`);
      }
    }),
    150,
  );
});
