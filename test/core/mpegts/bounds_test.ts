/** Transport streams at their bounds: what is sent together, when the clock and the tables come again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { elementary } from "../../../src/core/mpegts/elementary.ts";
import { TsSegmentWriter } from "../../../src/core/mpegts/mod.ts";
import type { Sample, TrackFormat } from "../../../src/core/samples/mod.ts";
import { TsReader } from "../../support/ts.ts";
import { AAC_LC, AVC } from "../samples/formats.ts";

/** Sound of which a frame is sent as it is, with 44,100 ticks a second. */
const MP3 = { ...AAC_LC, codec: "mp3" } as TrackFormat;
const VIDEO = { id: 1, format: AVC };
const AUDIO = { id: 2, format: MP3 };
/** What is added to times if nothing else is said: 1400 ms. */
const OFFSET = 126_000;

function picture(dts: number, composition = 0, key = false): Sample {
  return { dts, duration: 3600, composition, key, data: Uint8Array.of(0, 0, 0, 2, 0x41, 9) };
}

function sound(dts: number, duration: number, length = 3): Sample {
  return { dts, duration, composition: 0, key: true, data: new Uint8Array(length).fill(1) };
}

/** What a reader finds of one segment of pictures and sounds. */
function read(pictures: readonly Sample[], sounds: readonly Sample[] = []) {
  const tracks = [...(pictures.length > 0 ? [VIDEO] : []), ...(sounds.length > 0 ? [AUDIO] : [])];
  const reader = new TsReader();
  const bytes = new TsSegmentWriter(tracks).segment([
    { id: 1, samples: pictures },
    { id: 2, samples: sounds },
  ]);
  reader.add(bytes);
  let tables = 0;
  for (let at = 0; at < bytes.length; at += 188) {
    if (bytes[at + 1] === 0x40 && bytes[at + 2] === 0) tables++;
  }
  return { packets: reader.packets, tables, clocksMs: reader.clocks.map((one) => one / 27_000) };
}

test("each codec has its ids and its name [ISO/IEC 13818-1 table 2-22, ATSC A/53]", () => {
  const rows: [codec: string, streamId: number, registration: string | undefined][] = [
    ["avc", 0xe0, undefined],
    ["hevc", 0xe0, "HEVC"],
    ["aac", 0xc0, undefined],
    ["mp3", 0xc0, undefined],
    ["ac3", 0xbd, "AC-3"],
    ["eac3", 0xbd, "EAC3"],
  ];
  for (const [codec, streamId, registration] of rows) {
    const format = { ...(streamId === 0xe0 ? AVC : AAC_LC), codec } as TrackFormat;
    const written = elementary(format);
    assert.deepEqual([written.streamId, written.registration], [streamId, registration], codec);
  }
});

test("tracks of a kind are numbered, and those of private streams are not", () => {
  const formats = [AVC, MP3, AVC, MP3, { ...MP3, codec: "ac3" }, { ...MP3, codec: "eac3" }];
  const tracks = formats.map((format, id) => ({ id, format: format as TrackFormat }));
  const reader = new TsReader();
  reader.add(
    new TsSegmentWriter(tracks).segment(
      tracks.map(({ id }) => ({
        id,
        samples: [formats[id] === AVC ? picture(id) : sound(id * 1000, 10)],
      })),
    ),
  );
  assert.deepEqual(reader.packets.map(({ streamId }) => streamId).sort((a, b) => a - b), [
    ...[0xbd, 0xbd, 0xc0, 0xc1, 0xe0, 0xe1],
  ]);
  assert.deepEqual([...reader.types], [
    ...[[0x100, 0x1b], [0x101, 0x03], [0x102, 0x1b], [0x103, 0x03], [0x104, 0x81], [0x105, 0x87]],
  ]);
});

test("samples of a track that is not there are left out", () => {
  const reader = new TsReader();
  reader.add(new TsSegmentWriter([VIDEO]).segment([{ id: 9, samples: [picture(0)] }]));
  assert.deepEqual(reader.packets, []);
});

test("sound is sent together up to 100 ms and 8192 bytes, where nothing is missing in between", () => {
  const groups = (...sounds: Sample[]) => read([], sounds).packets.map(({ data }) => data.length);
  // 4410 ticks are 100 ms.
  assert.deepEqual(groups(sound(0, 2205), sound(2205, 2205)), [6]);
  assert.deepEqual(groups(sound(0, 2205), sound(2205, 2206)), [3, 3]);
  assert.deepEqual(groups(sound(0, 10, 4096), sound(10, 10, 4096)), [8192]);
  assert.deepEqual(groups(sound(0, 10, 4096), sound(10, 10, 4097)), [4096, 4097]);
  assert.deepEqual(groups(sound(0, 10), sound(11, 10), sound(21, 10)), [3, 6]);
  assert.deepEqual(groups(sound(0, 10), sound(9, 10)), [3, 3]);
});

test("decoding may start with any sound where there are no pictures, and with none where there are", () => {
  const keys = (pictures: Sample[]) =>
    read(pictures, [sound(0, 10)]).packets.filter(({ streamId }) => streamId === 0xc0)
      .map(({ key }) => key);
  assert.deepEqual([keys([]), keys([picture(0)])], [[true], [false]]);
});

test("decode times are moved back by 600 ms at the most", () => {
  const times = (composition: number) =>
    read([picture(0, composition), picture(90_000)]).packets.map(({ pts, dts }) => [
      pts - OFFSET,
      dts - OFFSET,
    ]);
  assert.deepEqual(times(-54_000), [[-54_000, -54_000], [90_000, 36_000]]);
  assert.deepEqual(times(-60_000), [[-60_000, -60_000], [90_000, 36_000]]);
  assert.deepEqual(times(-53_999), [[-53_999, -53_999], [90_000, 36_001]]);
  assert.deepEqual(times(10), [[10, 0], [90_000, 90_000]]);
});

test("where decode times are moved back later, they stand nearly still and still rise", () => {
  const writer = new TsSegmentWriter([VIDEO]);
  const reader = new TsReader();
  const segment = (...samples: Sample[]) => reader.add(writer.segment([{ id: 1, samples }]));
  segment(picture(0), picture(3600));
  segment(picture(7200, -7200), picture(10_800, 3600), picture(14_400, 3600));
  assert.deepEqual(reader.packets.map(({ dts }) => dts - OFFSET), [0, 3600, 0, 3601, 7200]);
});

test("a clock comes every 90 ms at least, behind the time of decoding by 700 ms", () => {
  assert.deepEqual(read([picture(0), picture(90 * 90)]).clocksMs, [700, 790]);
  assert.deepEqual(read([picture(0), picture(91 * 90)]).clocksMs, [700, 790, 791]);
  assert.deepEqual(read([picture(0), picture(271 * 90)]).clocksMs, [700, 790, 880, 970, 971]);
});

test("over a hole of more than five seconds no clock is sent", () => {
  const clocks = (ms: number) => read([picture(0), picture(ms * 90)]).clocksMs.length;
  assert.deepEqual([clocks(5000), clocks(5001)], [2 + 55, 2]);
});

test("a clock that was sent with sound ahead of pictures is not sent again", () => {
  const writer = new TsSegmentWriter([VIDEO, AUDIO]);
  const reader = new TsReader();
  const sounds = [0, 2, 4, 6].map((tenth) => sound(tenth * 4410, 4410));
  reader.add(
    writer.segment([{ id: 1, samples: [picture(0)] }, { id: 2, samples: sounds }]),
  );
  reader.add(
    writer.segment([{ id: 1, samples: [picture(540 * 90), picture(541 * 90)] }]),
  );
  assert.deepEqual(reader.clocks.map((one) => one / 27_000 - 700), [
    ...[0, 90, 180, 270, 360, 450, 540, 541],
  ]);
});

test("tables come again every 500 ms", () => {
  const tables = (ms: number) => read([picture(0), picture(ms * 90)]).tables;
  assert.deepEqual([tables(499), tables(500), tables(1200)], [1, 2, 2]);
  assert.equal(read([0, 250, 500, 750, 999, 1000].map((ms) => picture(ms * 90))).tables, 3);
});

test("units of pictures are read as far as they are whole, and a picture of none is left out", () => {
  const units = (...bytes: number[]) => {
    const writer = new TsSegmentWriter([VIDEO]);
    const reader = new TsReader();
    const sample = { ...picture(0), data: Uint8Array.from(bytes) };
    reader.add(writer.segment([{ id: 1, samples: [sample] }]));
    // Behind the delimiter.
    return writer.dropped > 0 ? "dropped" : reader.packets[0]!.data.slice(6).join();
  };
  assert.equal(units(0, 0, 0, 1, 0x41), "0,0,0,1,65");
  assert.equal(units(0, 0, 0, 1, 0x41, 0, 0, 0), "0,0,0,1,65");
  assert.equal(units(0, 0, 0, 1, 0x41, 0, 0, 0, 2, 7), "0,0,0,1,65");
  assert.equal(units(0, 0, 0, 1, 0x41, 0, 0, 0, 0), "0,0,0,1,65");
  assert.equal(units(0, 0, 0, 2, 0x41), "dropped");
  assert.equal(units(0, 0, 0, 2, 9, 0x10), "dropped", "a delimiter is none");
  assert.equal(units(0, 0, 0, 0), "dropped");
  assert.equal(units(), "dropped");
});
